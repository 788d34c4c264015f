import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const SHARED = 'src/runtime/shared/sync'
const EARLIER = ['test/unit/engine/upgrades/upgrade-row.test.ts']
const CREATED = ['test/unit/engine/upgrades/created-rows.test.ts']
const RENAMED = ['test/unit/engine/upgrades/renamed-tables.test.ts']
const SERVER = ['test/unit/server/upgraded-ops.test.ts']

/** Bugs of upgrades of the app's schema: rows of an earlier shape (F5), rows that steps create and tables that are renamed (F4). */
export const UPGRADES: readonly Mutant[] = [
  ...inFile(`${CORE}/rows/sync-payload-normalizer.ts`, EARLIER, [
    {
      id: 'earlier-shape', bug: 'rows that come in are not upgraded before they are checked',
      replace: ['const upgraded = upgradeRow(table, row)', 'const upgraded = table.name ? { ok: true, row } : upgradeRow(table, row)'],
    },
    {
      id: 'earlier-shape-e', bug: 'for a device a row in another shape is another row',
      replace: ['if (!table.upgradeRow) return sameJson', 'if (table) return sameJson'],
    },
  ]),
  ...inFile(`${CORE}/database/upgrade-rows.ts`, CREATED, [
    {
      id: 'earlier-shape-b', bug: 'stored rows are not upgraded when the version rises',
      replace: ['if (!before && !table.upgradeRow) return failures', 'if (!before) return failures'],
      tests: EARLIER,
    },
    {
      id: 'created-row', bug: 'rows that a step creates keep the columns they were copied with, and are not sent',
      replace: ['if (known && !columns) planCreated', 'if (known && columns === null) planCreated'],
    },
    {
      id: 'created-row-b', bug: 'a known row that a step replaces by a copy takes the copy\'s revision',
      replace: ['const row = columns && !sameColumns(columns, columnsOf(stored)) ? withColumns(stored, columns) : stored', 'const row = stored'],
    },
    {
      id: 'created-row-c', bug: 'what a step creates for a viewer is queued',
      replace: ['if (options.canWrite()) (created.isHeld', 'if (created.op) (created.isHeld'],
    },
    {
      id: 'created-row-d', bug: 'a step brings back what was deleted',
      replace: ['isDeleted: deleted.has(pk)', 'isDeleted: false'],
    },
  ]),
  ...inFile(`${SHARED}/store/read-op.ts`, SERVER, [
    {
      id: 'earlier-shape-c', bug: 'the server checks payloads as they were sent',
      replace: ['const problem = (table.upgradeRow ? checkUpgraded', 'const problem = (!table.upgradeRow ? checkUpgraded'],
    },
    {
      id: 'earlier-shape-d', bug: 'for the server a row in another shape is another row',
      replace: ['if (table.upgradeRow) op.isSameContent', 'if (!table.upgradeRow) op.isSameContent'],
    },
  ]),
  {
    id: 'earlier-shape-f', bug: 'a conflict\'s loser is restored in the shape that it had',
    file: `${CORE}/face/conflict-actions.ts`,
    replace: ['rows.put(upgradedOrSame(table, loser.row))', 'rows.put(loser.row)'],
    tests: EARLIER,
  },
  {
    id: 'earlier-shape-g', bug: 'a waiting edit whose row the upgrade alone has made private is sent as a delete',
    file: `${CORE}/push/collect-batch.ts`,
    replace: ['entry.turnedPrivate || isUnknownToOthers', 'isUnknownToOthers'],
    tests: EARLIER,
  },
  {
    id: 'earlier-shape-h', bug: 'an upgrade may change a row\'s key',
    file: `${SHARED}/rows/upgrade-row.ts`,
    replace: ['if (upgraded[table.primaryKey] !== row[table.primaryKey])', 'if (upgraded[table.primaryKey] === undefined)'],
    tests: EARLIER,
  },
  {
    id: 'earlier-shape-i', bug: 'a refused row is tried again in the shape that it had',
    file: `${CORE}/face/refused-edits.ts`,
    replace: ['if (!upgrade?.ok || !upgrade.isChanged) return', 'if (!upgrade?.ok || upgrade.isChanged) return'],
    tests: EARLIER,
  },
  {
    id: 'earlier-shape-j', bug: 'Convex tables are filled with rows in the shape that was sent',
    file: 'src/convex/store/materialize-rows.ts',
    replace: ['const today = upgradedOrSame(table, toLocalRow(table, JSON.parse(payload) as WirePayload))', 'const today = toLocalRow(table, JSON.parse(payload) as WirePayload)'],
    tests: ['test/convex/upgraded-rows.test.ts'],
  },
  ...inFile(`${CORE}/pull/rescan-sweep.ts`, CREATED, [
    {
      id: 'created-row-e', bug: 'a rescan removes rows that a step created without asking the store what beats them',
      replace: ['!isAbsent || isUpgraded(row)', '!isAbsent'],
    },
    {
      id: 'created-row-viewer', bug: 'rows that a step created, and that a restored store has lost, are never sent when a viewer met the loss',
      replace: ['await changeWishes(context.db, { addAsWriter: [table.name] })', 'await Promise.resolve()'],
      tests: ['test/unit/simulation/schema-histories.test.ts'],
    },
    {
      id: 'created-row-unsendable', bug: 'a rescan queues for a viewer rows that a step created',
      replace: ['if (canWrite) return missing', 'if (missing.length) return missing'],
      tests: [...CREATED, 'test/unit/simulation/schema-histories.test.ts'],
    },
  ]),
  {
    id: 'created-row-f', bug: 'a refused row that a step created stands in the way of everybody\'s edits',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['if (isRefused && !givesWay)', 'if (isRefused)'],
    tests: CREATED,
  },
  {
    id: 'created-row-g', bug: 'a row that a step created is stamped anew with what is said of its batch',
    file: `${CORE}/decide/decide-answer.ts`,
    replace: ['if (meaning !== \'restamp\' || isUpgradedRevision(stamp))', 'if (errorCode !== \'CLOCK_SKEW\')'],
    tests: CREATED,
  },
  ...inFile(`${CORE}/life/local-store.ts`, CREATED, [
    {
      id: 'created-row-h', bug: 'rows that a step created hide from a new page how far the clock had come',
      replace: ['return !op.requeued && !isUpgradedRevision(op)', 'return !op.requeued'],
    },
    {
      id: 'created-row-j', bug: 'old revisions that are queued again hide from a new page how far the clock had come',
      replace: ['return !op.requeued && !isUpgradedRevision(op)', 'return !isUpgradedRevision(op)'],
    },
    {
      id: 'wire-name-g', bug: 'the app as it was before writes to a database whose tables a newer one has renamed',
      replace: ['this.#renamed = (names && findRenamed(names.names, Object.values(this.options.schema.tables))) ?? null', 'this.#renamed = names ? null : findRenamed({}, Object.values(this.options.schema.tables)) ?? null'],
      tests: RENAMED,
    },
  ]),
  {
    id: 'created-row-i', bug: 'the order in which a device writes the fields makes another revision',
    file: `${SHARED}/protocol/upgraded-stamp.ts`,
    replace: ['Object.keys(value).sort()', 'Object.keys(value)'],
    tests: CREATED,
  },
  {
    id: 'created-row-k', bug: 'what a step creates for a viewer is not sent when the user may write again',
    file: `${CORE}/pull/catch-up.ts`,
    replace: ['...context.canWrite() ? wishes.asWriter : []', '...context.canWrite() ? [] : wishes.asWriter'],
    tests: CREATED,
  },
  ...inFile(`${CORE}/database/rename-tables.ts`, RENAMED, [
    {
      id: 'wire-name', bug: 'a renamed table leaves what the engine keeps of it behind',
      replace: ['await renameRecords(tx, moves)', 'await Promise.resolve(renameRecords)'],
    },
    {
      id: 'wire-name-b', bug: 'a renamed table leaves its rows behind',
      replace: ['moveStores(tx.idbtrans, moves, tables.map(({ name }) => name))', 'void moveStores'],
    },
    {
      id: 'wire-name-h', bug: 'the names that an upgrade gave are forgotten',
      replace: ['await noteNames(tx, { names: planned,', 'if (!moves.length) await noteNames(tx, { names: planned,'],
    },
    {
      id: 'wire-name-i', bug: 'a database of the time before names were kept does not move its tables',
      replace: ['names.filter(name => stores.contains(name))', 'names.filter(name => !stores.contains(name))'],
    },
  ]),
  {
    id: 'wire-name-c', bug: 'a store that gets a table\'s name keeps the indexes of the table it came from',
    file: `${CORE}/database/move-stores.ts`,
    replace: ['if (shape) setIndexes(store, shape)', 'void shape'],
    tests: RENAMED,
  },
  {
    id: 'wire-name-d', bug: 'rows of a dropped table become those of the table that takes its name',
    file: `${CORE}/database/table-names.ts`,
    replace: ['taken.has(name) ? PARKED + wireName : name', 'name'],
    tests: RENAMED,
  },
  {
    id: 'wire-name-e', bug: 'on the way in a table is taken for the one that is called so here',
    file: `${CORE}/context/name-tables.ts`,
    replace: ['changes.flatMap(change => localChange(change, name => onWire.get(name)?.name))', 'changes.flatMap(change => localChange(change, name => onWire.get(name) ? name : undefined))'],
    tests: RENAMED,
  },
  {
    id: 'wire-name-f', bug: 'the server knows a renamed table by its new name',
    file: `${SHARED}/schema/wire-names.ts`,
    replace: ['[table.wireName, table]', '[table.name, table]'],
    tests: [...SERVER, ...RENAMED],
  },
  {
    id: 'wire-name-j', bug: 'what is noted of walks and of edits in doubt keeps the old names of tables',
    file: `${CORE}/database/rename-records.ts`,
    replace: ['record => renameInState(record, rename))', 'record => rename === undefined ? renameInState(record, rename) : record)'],
    tests: RENAMED,
  },
]
