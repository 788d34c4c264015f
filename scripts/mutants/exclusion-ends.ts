import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const HOOKS = ['test/unit/engine/sync-hooks.test.ts']
const KEPT = ['test/unit/engine/kept-on-device.test.ts']
const COST = ['test/unit/engine/quarantine-cost.test.ts']
const CONFLICTS = ['test/unit/engine/kept-losers.test.ts']
const ENDED = ['test/unit/engine/ended-exclusions.test.ts']

/** Bugs of rows that `exclude` kept here (A4, D1), of what the app is shown of an edit (A5) and of what it is asked (A8, C10). */
export const EXCLUSION_ENDS: readonly Mutant[] = [
  {
    id: 'conflict-with-itself', bug: 'an edit that one tab has sent and another has kept here meets itself as a conflict',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['isOwnEdit(row, change.stamp) ? null :', ''],
    tests: ['test/unit/engine/decisions/decide-merge.test.ts'],
  },
  {
    id: 'exclusion-ends', bug: 'a row that is excluded no more counts as nobody\'s edit',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['!row.isPrivate && row.isOnlyHere', '!row.isPrivate && !row.isOnlyHere'],
    tests: ENDED,
  },
  {
    id: 'exclusion-ends-b', bug: 'a row that is excluded no more goes with a delete of others',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['if (row?.isPrivate || (isUnshared && change.op === \'delete\'))', 'if (row?.isPrivate)'],
    tests: ENDED,
  },
  {
    id: 'exclusion-ends-c', bug: 'a row that is excluded no more goes with its own refused delete',
    file: `${CORE}/decide/decide-refused.ts`,
    replace: ['(row.isOnlyHere || row.isPrivate)', 'row.isPrivate'],
    tests: ENDED,
  },
  {
    id: 'shown-copies', bug: 'listeners are handed what is sent',
    file: `${CORE}/context/sync-hooks.ts`,
    replace: ['(copyData(value))', '(value)'],
    tests: HOOKS,
  },
  {
    id: 'shown-copies-b', bug: 'what lies deeper in what listeners are shown is not copied',
    file: 'src/runtime/shared/sync/rows/copy-data.ts',
    replace: ['[key, copyData(part)]', '[key, part]'],
    tests: HOOKS,
  },
  {
    id: 'failing-blocklist', bug: 'a listener of the blocklist that throws is passed over',
    file: `${CORE}/context/sync-hooks.ts`,
    replace: ['if (run.failure) throw run.failure.error', ''],
    tests: KEPT,
  },
  {
    id: 'failing-blocklist-b', bug: 'what a listener of the blocklist returns is passed over when it is no list',
    file: `${CORE}/context/sync-hooks.ts`,
    replace: ['if (returned === undefined) return []', 'if (returned === undefined || !Array.isArray(returned)) return []'],
    tests: KEPT,
  },
  {
    id: 'failing-blocklist-c', bug: 'names that a listener adds to the list it was handed are lost',
    file: `${CORE}/context/sync-hooks.ts`,
    replace: [', ...namesIn(copy)])]', '])]'],
    tests: KEPT,
  },
  {
    id: 'withheld-rows', bug: 'a row that turned private before it was sent the first time counts as one that the store has',
    file: `${CORE}/push/tidy-outbox.ts`,
    replace: ['const kept = keepPrivateRow(context, view, key)', 'const kept = undefined'],
    tests: ENDED,
  },
  {
    id: 'withheld-rows-b', bug: 'a row whose delete went in its place counts as one that the store has',
    file: `${CORE}/push/turn-private.ts`,
    replace: ['await rows.put(asOnlyHere({ ...row, clock: revision.clock, hlc: revision.hlc }))', ''],
    tests: ENDED,
  },
  {
    id: 'arrived-private', bug: 'a new row that turns private stays with the others, where its push had arrived and the answer was lost',
    file: `${CORE}/push/collect-batch.ts`,
    replace: ['&& !mayHaveArrived(key)', ''],
    tests: ENDED,
  },
  {
    id: 'arrived-private-b', bug: 'the delete of a row that turned private is sent under the revision of its put, and is taken for a repeat of it',
    file: `${CORE}/push/turn-private.ts`,
    replace: ['{ clock: nextClock(entry.clock), hlc: hlc.next(), opId: env.uuid() }', '{ clock: nextClock(entry.clock) - 1, hlc: hlc ? entry.hlc : \'\', opId: entry.opId }'],
    tests: ENDED,
  },
  {
    id: 'withheld-rows-c', bug: 'a row whose delete lost counts as one that the store has',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['isUnsent ? \'only-here\' : \'stays\'', '\'stays\''],
    tests: ENDED,
  },
  {
    id: 'withheld-rows-d', bug: 'a row that gives way is taken for the edit that met the same revision before',
    file: `${CORE}/records/conflict-id.ts`,
    replace: ['local.opId === \'\' ? \':unsent\' : \'\'', '\'\''],
    tests: ENDED,
  },
  {
    id: 'withheld-rows-e', bug: 'what waits for the answer to a push counts as met',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['setAside?.reason === \'unanswered\' ? undefined : setAside?.change.stamp', 'setAside?.change.stamp'],
    tests: ENDED,
  },
  {
    id: 'quarantine-cost', bug: 'the end of a private row retries all that is in quarantine',
    file: `${CORE}/pull/catch-up.ts`,
    replace: ['const found = records ? await', 'const found = records && !records.length ? await'],
    tests: COST,
  },
  {
    id: 'dropped-table-conflict', bug: 'restoring a conflict of a dropped table fails with an error of the database',
    file: `${CORE}/face/conflict-actions.ts`,
    replace: ['if (!table) throw', 'if (!table && !id) throw'],
    tests: CONFLICTS,
  },
]
