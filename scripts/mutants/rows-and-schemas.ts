import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const SHARED = 'src/runtime/shared/sync'
const DATABASE = 'src/runtime/core/sync/database'
const NAMES = ['test/unit/engine/field-names.test.ts']
const KEYS = ['test/unit/engine/upgrades/renamed-keys.test.ts']
const HELD = ['test/unit/engine/held-edits.test.ts']
const SAME = ['test/unit/engine/same-everywhere.test.ts']
const CORE = 'src/runtime/core/sync'
const REFUSED = ['test/unit/shared/refused-schemas.test.ts']
const RENAMED = ['test/unit/engine/upgrades/renamed-fields.test.ts']

/** Bugs of our own: fields under two names, keys that change theirs, schemas that no browser can store, and rows that differ between devices. */
export const ROWS_AND_SCHEMAS: readonly Mutant[] = [
  {
    id: 'two-names-a', bug: 'a value under a field\'s name on the wire stays there on the device that wrote it',
    file: `${SHARED}/rows/encode-row.ts`,
    replace: ['const local = toWireName.has(key) ? key : toLocalName.get(key) ?? key', 'const local = toWireName.has(key) || toLocalName.has(key) ? key : key'],
    tests: NAMES,
  },
  {
    id: 'two-names-b', bug: 'of a field under both of its names the later one is sent, and both are stored',
    file: `${SHARED}/rows/encode-row.ts`,
    replace: ['if (local === key || row[local] === undefined || row[local] === row[key]) return local', 'if (local !== \'\') return local'],
    tests: NAMES,
  },
  {
    id: 'two-names-c', bug: 'an unknown key that comes in under a field\'s name takes the place of the field',
    file: `${SHARED}/rows/decode-payload.ts`,
    replace: ['if (!isHidden && key', 'if (isHidden !== null && key'],
    tests: NAMES,
  },
  ...inFile(`${DATABASE}/rename-fields.ts`, RENAMED, [
    {
      id: 'renamed-fields-a', bug: 'stored rows keep the old local names of their fields',
      replace: ['if (!renames.size) return', 'if (renames) return'],
    },
    {
      id: 'renamed-fields-b', bug: 'losers of conflicts and refused rows keep the old names',
      replace: ['if (holder?.row) holder', 'if (holder?.row && !tableName) holder'],
    },
    {
      id: 'renamed-fields-c', bug: 'an unknown key of the new name takes the place of the field',
      replace: ['rank < ranks[name]!', 'rank < 0'],
    },
    {
      id: 'renamed-fields-d', bug: 'a database that noted no names of fields is taken for one without any',
      replace: ['known[table.wireName] ?? table.fields', 'known[table.wireName] ?? {}'],
    },
  ]),
  {
    id: 'renamed-fields-e', bug: 'a row that is the same on the wire counts as upgraded already',
    file: `${CORE}/rows/upgrade-stored-row.ts`,
    replace: ['encodeRow(upgraded.row).payload', 'encodeRow(upgraded.row, { names: table }).payload'],
    also: [{ replace: ['encodedOrNull(plain)', 'encodeRow(plain, { names: table }).payload'] }],
    tests: RENAMED,
  },
  {
    id: 'renamed-keys-a', bug: 'where a new version gives a table another key, nobody hears which table it is',
    file: `${DATABASE}/refuse-other-keys.ts`,
    replace: ['if (error.name === \'UpgradeError\') await', 'if (error.name === \'Nothing\') await'],
    tests: KEYS,
  },
  {
    id: 'renamed-keys-b', bug: 'a database opens although its tables have other keys',
    file: `${DATABASE}/refuse-other-keys.ts`,
    replace: ['for (const table of tables) checkKey(table, (ready', 'for (const table of tables.slice(0, 0)) checkKey(table, (ready'],
    tests: KEYS,
  },
  {
    id: 'renamed-keys-c', bug: 'a table moves to a name that has another key',
    file: `${DATABASE}/move-stores.ts`,
    replace: ['if (shape) checkKey(', 'if (shape === null) checkKey('],
    tests: KEYS,
  },
  {
    id: 'start-checks-a', bug: 'a table may be called like a property of every object',
    file: `${SHARED}/schema/check-sync-schema.ts`,
    replace: ['if (name in Object.prototype)', 'if (Object.keys(Object.prototype).includes(name))'],
    tests: REFUSED,
  },
  {
    id: 'start-checks-b', bug: 'a version may be higher than browsers can count',
    file: `${SHARED}/schema/check-sync-schema.ts`,
    replace: [' || version > SCHEMA_VERSION_MAX', ''],
    tests: REFUSED,
  },
  {
    id: 'start-checks-c', bug: 'maxBytes may be more than a request can carry',
    file: `${SHARED}/schema/check-table.ts`,
    replace: [' || maxBytes > ROW_BYTES_LIMIT', ''],
    tests: REFUSED,
  },
  {
    id: 'start-checks-d', bug: 'a unique index is only seen where it begins with "&"',
    file: `${SHARED}/schema/check-indexes.ts`,
    replace: ['index.includes(\'&\') || index.includes(\'++\')', 'index.startsWith(\'&\') || index.startsWith(\'++\')'],
    tests: REFUSED,
  },
  {
    id: 'start-checks-e', bug: 'a primaryKey may be written as Dexie reads it',
    file: `${SHARED}/schema/check-table.ts`,
    replace: ['if (DEXIE_SYNTAX.test(primaryKey)) fail', 'if (DEXIE_SYNTAX.test(\'\')) fail'],
    tests: REFUSED,
  },
  {
    id: 'held-wish', bug: 'a flush while the outbox is being read does not ask held edits again',
    file: `${CORE}/push/batch-source.ts`,
    replace: ['finally { if (!batch || batch.more) this.#asksHeld ||= withHeld }', 'finally { this.#asksHeld = (!batch || batch.more) && withHeld }'],
    tests: HELD,
  },
  {
    id: 'same-everywhere-a', bug: 'undefined in an array stays where it was written',
    file: `${SHARED}/rows/encode-row.ts`,
    replace: ['return walk.stored = null', 'return null'],
    tests: SAME,
  },
  {
    id: 'same-everywhere-b', bug: '-0 stays where it was written',
    file: `${SHARED}/rows/encode-row.ts`,
    replace: [' && !Object.is(value, -0))', ')'],
    tests: SAME,
  },
  {
    id: 'same-everywhere-c', bug: 'names that no store takes stay where they were written',
    file: `${SHARED}/rows/encode-row.ts`,
    replace: ['...ENGINE_COLUMNS, ...RESERVED_FIELDS]', '...ENGINE_COLUMNS, ...RESERVED_FIELDS.slice(0, 1)]'],
    tests: SAME,
  },
  {
    id: 'same-everywhere-d', bug: 'what capture or exclude writes to its row is stored, or sent',
    file: `${CORE}/rows/ask-table.ts`,
    replace: ['ask(copyData(row))', 'ask({ ...row })'],
    tests: SAME,
  },
  {
    id: 'same-everywhere-e', bug: 'an upgradeRow that throws half-way has changed what lies deeper',
    file: `${SHARED}/rows/upgrade-row.ts`,
    replace: ['table.upgradeRow(copyData(row))', 'table.upgradeRow({ ...row })'],
    tests: SAME,
  },
  {
    id: 'same-everywhere-f', bug: 'what an upgradeRow returns is stored as it is',
    file: `${SHARED}/rows/upgrade-row.ts`,
    replace: ['return { ok: true, row: encodeRow(upgraded, { names: table }).row }', 'encodeRow(upgraded, { names: table }); return { ok: true, row: upgraded }'],
    tests: SAME,
  },
  {
    id: 'same-everywhere-g', bug: 'an ArrayBuffer is bytes on every device but the one that wrote it',
    file: `${SHARED}/rows/encode-row.ts`,
    replace: ['return encodeBytes(new Uint8Array((value as ArrayBuffer).slice(0)), walk)', 'const bytes = encodeBytes(new Uint8Array((value as ArrayBuffer).slice(0)), walk); walk.stored = (value as ArrayBuffer).slice(0); return bytes'],
    tests: SAME,
  },
  {
    id: 'exchanged-names', bug: 'two fields that the schema names cannot exchange their names on the wire',
    file: `${SHARED}/schema/check-fields.ts`,
    replace: [' && !Object.hasOwn(fields as object, wire as string)', ''],
    tests: ['test/unit/shared/sync-schema.test.ts'],
  },
]
