import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const ENDED = ['test/unit/engine/ended-exclusions.test.ts']

/** Bugs of rows that `exclude` kept here (A4, D1), of what the app is shown of an edit (A5) and of what it is asked (A8, C10). */
export const EXCLUSION_ENDS: readonly Mutant[] = [
  {
    id: 'exclusion-ends', bug: 'a row that is excluded no more counts as nobody\'s edit',
    file: `${CORE}/read/conflict-resolver.ts`,
    replace: ['const isUnshared = row !== undefined && !isOwn && isOnlyHere(row)', 'const isUnshared = row !== undefined && !isOwn && !isOnlyHere(row)'],
    tests: ENDED,
  },
  {
    id: 'exclusion-ends-b', bug: 'a row that is excluded no more goes with a delete of others',
    file: `${CORE}/read/conflict-resolver.ts`,
    replace: ['if (isOwn || (isUnshared && change.op === \'delete\'))', 'if (isOwn)'],
    tests: ENDED,
  },
  {
    id: 'exclusion-ends-c', bug: 'a row that is excluded no more goes with its own refused delete',
    file: `${CORE}/sync-queue.ts`,
    replace: ['(isOnlyHere(row) || isPrivate(context, table, row))', 'isPrivate(context, table, row)'],
    tests: ENDED,
  },
]
