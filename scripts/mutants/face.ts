import type { Mutant } from './mutant.ts'

const SETTINGS = ['test/unit/module/module-settings.test.ts']
const AGED = ['test/unit/engine/aged-edits.test.ts']
const QUARANTINED = ['test/unit/engine/quarantined-count.test.ts']
const LIVE_QUERY = ['test/module/composables/use-live-query.test.ts']

/** What an app meets: its settings, its queries, what it is told (F53, F56, F58, F59, F61). */
export const FACE: readonly Mutant[] = [
  {
    id: 'f53-a', bug: 'an error of a live query is reported in a way that browsers refuse',
    file: 'src/runtime/app/queries/reported-error.ts',
    replace: ['globalThis.reportError(error)', '({ reportError: globalThis.reportError }).reportError(error)'],
    tests: LIVE_QUERY,
  },
  {
    id: 'f53-b', bug: 'a querier whose first run throws is never run again',
    file: 'src/runtime/app/queries/follow-live.ts',
    replace: ['return { kind: \'error\', error: thrown }', 'throw thrown'],
    tests: LIVE_QUERY,
  },
  {
    id: 'f53-c', bug: 'an error of a live query stays after a good run',
    file: 'src/runtime/app/queries/live-value.ts',
    replace: ['    error.clear()\n', ''],
    tests: LIVE_QUERY,
  },
  {
    id: 'f53-d', bug: 'an error goes to the console although the template shows it',
    file: 'src/runtime/app/queries/reported-error.ts',
    replace: ['if (!wasRead) globalThis', 'globalThis'],
    tests: LIVE_QUERY,
  },
  {
    id: 'f53-e', bug: 'rows of one user stay on the screen while the next one\'s are read',
    file: 'src/runtime/composables/use-live-query.ts',
    replace: ['if (before && db !== before) live.reset()', 'void [before, db]'],
    tests: LIVE_QUERY,
  },
  {
    id: 'f58-a', bug: 'a number that is none is taken',
    file: 'src/runtime/shared/sync/settings/setting.ts',
    replace: ['if (typeof read !== \'number\' || Number.isNaN(read) || read < min || read > max) return undefined', 'if (typeof read !== \'number\') return undefined'],
    tests: [...SETTINGS, 'test/unit/server/gateway-settings.test.ts'],
  },
  {
    id: 'f58-b', bug: 'an option that nobody knows is taken silently',
    file: 'src/runtime/shared/sync/settings/read-settings.ts',
    replace: ['if (!Object.hasOwn(tree, key)) throw', 'if (key === \'\') throw'],
    tests: SETTINGS,
  },
  {
    id: 'f58-c', bug: 'nearest names are not found',
    file: 'src/runtime/shared/sync/schema/nearest-name.ts',
    replace: ['Math.max(2, Math.floor(name.length / 3))', '-1'],
    tests: SETTINGS,
  },
  {
    id: 'f58-d', bug: 'a server starts with overrides that nobody checked',
    file: 'server/nitro/read-start-settings.ts',
    replace: ['readSettings(SERVER_RUNTIME_SETTINGS, { name: \'or3Sync\', values: config.or3Sync, env: process.env, prefix: \'NUXT_OR3_SYNC\' })', '{ ...readSettings(SERVER_RUNTIME_SETTINGS, { name: \'or3Sync\', values: {}, env: process.env }) }'],
    tests: ['test/module/start/server.test.ts'],
  },
  {
    id: 'f58-e', bug: 'a gateway takes options that nobody checked',
    file: 'server/lib/context/gateway-settings.ts',
    replace: ['values: options })', 'values: { schema: options.schema, backend: options.backend, session: options.session } })'],
    tests: ['test/unit/server/gateway-settings.test.ts'],
  },
  {
    id: 'f59', bug: 'a Convex URL without the package goes to SQLite without a word',
    file: 'src/setup/convex.ts',
    replace: ['convexUrl ? `a Convex URL', 'convexUrl === null ? `a Convex URL'],
    tests: ['test/module/start/build.test.ts'],
  },
  {
    id: 'f61-a', bug: 'a retry of an edit that was too old sends the same stamp for ever',
    file: 'src/runtime/core/sync/decide/decide-refused.ts',
    replace: ['isHigher || isRefusedForItsStamp(failure)', 'isHigher'],
    tests: AGED,
  },
  {
    id: 'f61-b', bug: 'sync.pull:action:received fires where nothing has come',
    file: 'src/runtime/core/sync/pull/announce-received.ts',
    replace: ['if (changes.length) ', ''],
    tests: AGED,
  },
  {
    id: 'f61-c', bug: 'the projectId of an app goes nowhere',
    file: 'src/runtime/app/sync-client.ts',
    replace: ['state.projectId ?? this.options.projectId', 'undefined'],
    tests: ['test/unit/app/sync-client.test.ts'],
  },
  {
    id: 'f61-d', bug: 'what only development shows cannot be had in production',
    file: 'src/runtime/app/console-logger.ts',
    replace: ['useRuntimeConfig().public.or3Sync.clientLogLevel as LogLevel | \'\' ||', 'useRuntimeConfig() &&'],
    tests: ['test/module/composables/console-logger.test.ts'],
  },
  {
    id: 'f56-a', bug: 'rows in quarantine are counted only when something else is',
    file: 'src/runtime/core/sync/pull/change-applier.ts',
    replace: ['hadQuarantine || outcome.conflicts.length + outcome.quarantined.length > 0', 'outcome.conflicts.length > 0'],
    tests: QUARANTINED,
  },
  {
    id: 'f56-b', bug: 'rows that a device keeps out count as failing its schema',
    file: 'src/runtime/core/sync/face/queue-counter.ts',
    replace: ['sync_quarantine.where(\'reason\').equals(\'schema\').count()', 'sync_quarantine.count()'],
    tests: QUARANTINED,
  },
  {
    id: 'f56-c', bug: 'refused and quarantined rows are silent in development',
    file: 'src/runtime/app/sync-client.ts',
    replace: ['      void this.#explainer?.then(explainer => explainer?.rows(asEngineDatabase(engine.db), status))\n', ''],
    tests: ['test/unit/app/sync-client.test.ts'],
  },
  {
    id: 'f56-d', bug: 'the console says the same row again and again',
    file: 'src/runtime/app/explain/row-troubles.ts',
    replace: ['this.#told.add(`${db.name} ${id}`)', 'this.#told.delete(id)'],
    tests: ['test/unit/app/sync-client.test.ts'],
  },
  {
    id: 'paced-query', bug: 'a live query is started anew for each commit while it runs: with three tabs, writes wait a minute for the queue on screen',
    file: 'src/runtime/app/queries/paced-query.ts',
    replace: ['while (busy) {', 'while (busy && turn < 0) {'],
    tests: ['test/module/composables/use-live-query.test.ts'],
  },
  {
    id: 'paced-query-b', bug: 'a result is told within the live query, where whoever hears of it may not write',
    file: 'src/runtime/app/queries/paced-query.ts',
    replace: ['if (turn !== newest) setTimeout(() => overtaken(result))', 'overtaken(result)'],
    tests: ['test/module/composables/use-live-query.test.ts'],
  },
  {
    id: 'paced-query-c', bug: 'what goes wrong in a run that a commit overtakes is reported as well as what goes wrong in the next',
    file: 'src/runtime/app/queries/follow-live.ts',
    replace: ['if (outcome.kind === \'value\') next(outcome)', 'next(outcome)'],
    tests: ['test/module/composables/use-live-query.test.ts'],
  },
]
