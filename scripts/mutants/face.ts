import type { Mutant } from './mutant.ts'

const LIVE_QUERY = ['test/module/composables/use-live-query.test.ts']

/** What an app meets: its settings, its queries, what it is told (F53, F56, F58, F59, F61). */
export const FACE: readonly Mutant[] = [
  {
    id: 'f53-a', bug: 'an error of a live query is reported in a way that browsers refuse',
    file: 'src/runtime/app/reported-error.ts',
    replace: ['globalThis.reportError(error)', '({ reportError: globalThis.reportError }).reportError(error)'],
    tests: LIVE_QUERY,
  },
  {
    id: 'f53-b', bug: 'a querier whose first run throws is never run again',
    file: 'src/runtime/composables/use-live-query.ts',
    replace: ['catch (thrown) { return { kind: \'error\', error: thrown } }', 'finally { void initial }'],
    tests: LIVE_QUERY,
  },
  {
    id: 'f53-c', bug: 'an error of a live query stays after a good run',
    file: 'src/runtime/composables/use-live-query.ts',
    replace: ['    error.clear()\n', ''],
    tests: LIVE_QUERY,
  },
  {
    id: 'f53-d', bug: 'an error goes to the console although the template shows it',
    file: 'src/runtime/app/reported-error.ts',
    replace: ['if (!wasRead) globalThis', 'globalThis'],
    tests: LIVE_QUERY,
  },
  {
    id: 'f53-e', bug: 'rows of one user stay on the screen while the next one\'s are read',
    file: 'src/runtime/composables/use-live-query.ts',
    replace: ['if (before && db !== before) value.value = initial', 'void [before, db]'],
    tests: LIVE_QUERY,
  },
]
