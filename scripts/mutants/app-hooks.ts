import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const TESTS = ['test/unit/engine/app-hooks.test.ts']

/** Bugs of our own: the app's Dexie hooks stand between the engine and what is stored. */
export const APP_HOOKS: readonly Mutant[] = [
  {
    id: 'app-hooks', bug: 'what a reading hook of the app shows is sent, not what is stored',
    file: `${CORE}/records/stored-rows.ts`,
    replace: ['hook: { value: NO_HOOKS },', ''],
    tests: TESTS,
  },
  {
    id: 'app-hooks-b', bug: 'what others wrote passes the app\'s hooks: they change it, or keep the page out',
    file: `${CORE}/records/stored-rows.ts`,
    replace: ['keep(\'stored\', CAPTURE_LEVEL)', 'keep(\'stored\', 3)'],
    also: [
      { file: `${CORE}/records/apply-transaction.ts`, replace: ['[...new Set(tables)], work)', '[...new Set(tables)], async tx => await work(Object.assign(tx.idbtrans, { isApplying: true })))'] },
      { file: `${CORE}/records/apply-transaction.ts`, replace: ['work: () => Promise<T>', 'work: (applying?: unknown) => Promise<T>'] },
      { file: `${CORE}/capture/hook-bridge.ts`, replace: ['.mode === \'versionchange\') return down.mutate', '.mode === \'versionchange\' || \'isApplying\' in trans) return down.mutate'] },
    ],
    tests: TESTS,
  },
  {
    id: 'app-hooks-c', bug: 'what the app writes while the engine applies a page is stored and never captured',
    file: `${CORE}/records/apply-transaction.ts`,
    replace: ['[...new Set(tables)], work)', '[...new Set(tables)], async tx => await work(Object.assign(tx.idbtrans, { isApplying: true })))'],
    also: [
      { replace: ['work: () => Promise<T>', 'work: (applying?: unknown) => Promise<T>'] },
      { file: `${CORE}/capture/hook-bridge.ts`, replace: ['.mode === \'versionchange\') return down.mutate', '.mode === \'versionchange\' || \'isApplying\' in trans) return down.mutate'] },
    ],
    tests: TESTS,
  },
  {
    id: 'app-hooks-d', bug: 'the engine writes below what tells liveQuery of it',
    file: `${CORE}/records/stored-rows.ts`,
    replace: ['keep(\'stored\', CAPTURE_LEVEL)', 'keep(\'stored\', -2)'],
    tests: TESTS,
  },
  {
    id: 'app-hooks-e', bug: 'a loser that is restored passes the app\'s hooks a second time',
    file: `${CORE}/face/conflict-actions.ts`,
    replace: ['capturedRows(this.db, table.name)', 'this.db.table(table.name)'],
    tests: TESTS,
  },
  {
    id: 'app-hooks-f', bug: 'an upgrade passes the app\'s hooks: what they show and change is stored under the old revision',
    file: `${CORE}/records/stored-rows.ts`,
    replace: ['return below(\'stored\', tx.db, tx.table(name))', 'return tx.table(name)'],
    tests: TESTS,
  },
  {
    id: 'app-hooks-g', bug: 'a deleting hook of the app is asked when a row that has moved into a workspace is taken out of the local database',
    file: `${CORE}/database/move-local-rows.ts`,
    replace: ['await storedRows(from, table.name).bulkDelete', 'await local.bulkDelete'],
    tests: TESTS,
  },
]
