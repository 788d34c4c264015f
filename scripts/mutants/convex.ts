import type { Mutant } from './mutant.ts'

const COST_TESTS = ['test/convex/cost.test.ts']

/** Bugs of the functions on Convex. */
export const CONVEX: readonly Mutant[] = [
  {
    id: 'pitfall-37', bug: 'on Convex the counter is written once for every op of a batch',
    file: 'src/convex/store/write-batch.ts',
    replace: [
      'counter ? db.patch(counter._id, { value: version })',
      'counter ? writes.reduce((done, row) => done.then(() => db.patch(counter._id, { value: row.serverVersion })), Promise.resolve())',
    ],
    tests: COST_TESTS,
  },
  {
    id: 'pitfall-37b', bug: 'on Convex the query that is subscribed to returns the changes',
    file: 'src/convex/functions/watch-changes.ts',
    replace: ['returns: v.object({ latestVersion: v.number(), epoch: v.string() })', 'returns: v.any()'],
    also: [{ replace: ['return { latestVersion: counter?.value ?? 0, epoch }', 'return { latestVersion: counter?.value ?? 0, epoch, changes: await db.query(\'change_log\').collect() }'] }],
    tests: COST_TESTS,
  },
]
