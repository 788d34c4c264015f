import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const PRIVATE_ROWS = ['test/unit/simulation/private-rows.test.ts']
const RESTORED_HISTORIES = ['test/unit/simulation/restored-histories.test.ts']
const REFUSED_HISTORIES = ['test/unit/simulation/refused-histories.test.ts']

/** Bugs of our own: rows that only this device has, and edits that are held back here. */
export const KEPT_HERE: readonly Mutant[] = [
  {
    id: 'private-row', bug: 'a row that becomes private leaves no tombstone beside it',
    file: `${CORE}/capture/capture-put.ts`,
    replace: ['if (isExcluded) result.tombstones.set(', 'if (isExcluded && tombstone) result.tombstones.set('],
    tests: PRIVATE_ROWS, simulated: true,
  },
  {
    id: 'private-row-b', bug: 'what was set aside for a private row stays there when the row is shared again, or gone',
    file: `${CORE}/capture/hook-bridge.ts`,
    replace: ['if (noLongerPrivate) this.options.onNoLongerPrivate(noLongerPrivate)', ''],
    tests: PRIVATE_ROWS,
  },
  {
    id: 'private-row-c', bug: 'a remote edit of a record that is private here takes the private row\'s place',
    file: `${CORE}/merge/conflict-resolver.ts`,
    replace: ['isPrivate: isPrivate(this.context, table, row)', 'isPrivate: false'],
    tests: PRIVATE_ROWS, simulated: true,
  },
  {
    id: 'held-edit', bug: 'of an edit that is held upon one that was not, the earlier one counts as on its way for ever',
    file: `${CORE}/push/collect-batch.ts`,
    replace: ['if (view.entries(key).some(({ record }) => record.status === \'pending\')) batch.held', 'if (entry.record.status !== \'held\') batch.held'],
    tests: PRIVATE_ROWS,
  },
  {
    id: 'given-up-unheard', bug: 'a private row whose delete is given up does not know this device\'s own put, of which it hears only then',
    file: `${CORE}/decide/given-up-tombstone.ts`,
    replace: ['unheard: tombstone.unheard }', 'unheard: [] }'],
    tests: REFUSED_HISTORIES,
  },
  {
    id: 'given-up-unheard-b', bug: 'a private row whose delete is given up, and that is public again, does not say which of this device\'s edits may have arrived',
    file: `${CORE}/capture/capture-put.ts`,
    replace: ['...(tombstone.unheard ? { unheard: tombstone.unheard } : {})', ''],
    tests: REFUSED_HISTORIES,
  },
  {
    id: 'lost-aside', bug: 'what was set aside here, and a restored store has lost, is not remembered as lost: when it is applied, nobody queues it',
    file: `${CORE}/pull/rescan-sweep.ts`,
    replace: ['    await markLost(db, options.tables, marks.seen)\n', ''],
    tests: RESTORED_HISTORIES, simulated: true,
  },
  {
    id: 'lost-aside-h', bug: 'a delete that waits for the answer to a push, and that a restored store has lost, is applied here, and nobody sends it again',
    file: `${CORE}/merge/lost-changes.ts`,
    replace: ['tables.includes(tableName) && isMissing(', 'tables.includes(tableName) && change.op === \'put\' && isMissing('],
    tests: RESTORED_HISTORIES,
  },
  {
    id: 'lost-aside-i', bug: 'a change that waits for the answer to a push, and that a restored store has lost, is forgotten',
    file: `${CORE}/pull/rescan-sweep.ts`,
    replace: ['await markLost(db, options.tables, marks.seen)', 'await forgetSetAside(db, options.tables, ({ key, reason }) => reason === \'unanswered\' && !marks.seen.has(key))'],
    tests: RESTORED_HISTORIES,
  },
  {
    id: 'aside-is-seen', bug: 'what comes out of quarantine during another tab\'s walk counts as the store\'s: where every tab leads, a device keeps what a restored store has lost for itself',
    file: `${CORE}/pull/change-applier.ts`,
    replace: ['wereSetAside || this.#markForOthers(changes)', 'this.#markForOthers(changes)'],
    tests: ['test/unit/simulation/seeds.test.ts'],
  },
  {
    id: 'lost-aside-b', bug: 'what a restored store has lost is applied here when its time comes, and stays here',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['isLost ? \'requeued\' : \'gone\'', '\'gone\''],
    tests: RESTORED_HISTORIES,
  },
  {
    id: 'lost-aside-c', bug: 'a later walk over everything forgets what was set aside here and a restored store has lost',
    file: `${CORE}/pull/rescan-sweep.ts`,
    replace: ['!isLost && !marks.seen.has(key) && !marks.pushed.has(key)', '!marks.seen.has(key) && !marks.pushed.has(key)'],
    tests: RESTORED_HISTORIES,
  },
  {
    id: 'lost-aside-d', bug: 'what its maker has queued again for a restored store counts as lost for ever',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['!change.wasSetAside && isLostRevision(here.setAside, change.stamp) ? \'found\' : \'stays\'', '\'stays\''],
    tests: RESTORED_HISTORIES,
  },
  {
    id: 'lost-aside-e', bug: 'what a restored store has lost is kept beside a refused edit as if it were the store\'s',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['if (isLost) return { ...nothing(meeting), kind: \'wait\' }', ''],
    tests: RESTORED_HISTORIES,
  },
  {
    id: 'lost-aside-f', bug: 'what was set aside, tried again, and still cannot be applied, does not count as lost any more',
    file: `${CORE}/merge/conflict-resolver.ts`,
    replace: ['...(isLost ? { isLost: true } : {}), receivedAt', 'receivedAt'],
    tests: RESTORED_HISTORIES,
  },
  {
    id: 'lost-aside-g', bug: 'what waits for a refused edit to go is not looked at when that goes',
    file: `${CORE}/face/refused-edits.ts`,
    replace: ['return isFetched || (await db.sync_quarantine.get([tableName, pk]))?.isLost === true', 'return isFetched'],
    tests: RESTORED_HISTORIES,
  },
  {
    id: 'discarded-private', bug: 'a row that became private after its edit was refused keeps the op id of that edit when it is discarded',
    file: `${CORE}/face/refused-edits.ts`,
    replace: ['else await keepHere(db, tableName, edit, null)', ''],
    tests: ['test/unit/engine/ended-exclusions.test.ts'],
  },
  {
    id: 'retried-private', bug: 'a row that the upgrade makes private keeps the op id of its refused edit when that is tried again',
    file: `${CORE}/face/refused-edits.ts`,
    replace: ['const kept = keepPrivateRow(this.options.context, view, key)', 'const kept = undefined'],
    tests: ['test/unit/engine/upgrades/upgrade-row.test.ts'],
  },
]
