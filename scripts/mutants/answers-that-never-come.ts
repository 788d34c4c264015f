import type { Mutant } from './mutant.ts'

const CONTEXT = 'server/lib/context/gateway-context.ts'
const SESSION_TESTS = ['test/unit/server/unanswered-session.test.ts']
const LIMITER_TESTS = ['test/unit/server/limits/late-limiter.test.ts']
const GENERATE_TESTS = ['test/module/start/generate.test.ts']
const TOKEN_TESTS = ['test/convex/convex-or-gateway.test.ts']

/** The sixth attack: the app's hook, a storage and a server that leave a question unanswered; and a store that nobody needs. */
export const ANSWERS_THAT_NEVER_COME: readonly Mutant[] = [
  {
    id: 'unanswered-session-a', bug: 'a session hook that does not answer is waited for',
    file: CONTEXT,
    replace: ['{ ms, timers: looseTimers, late, signal: gone }', '{ ms: 1_000 * ms, timers: looseTimers, late, signal: gone }'],
    tests: SESSION_TESTS,
  },
  {
    id: 'unanswered-session-b', bug: 'a reader who has gone keeps place and memory while the session hook does not answer',
    file: CONTEXT,
    replace: ['late, signal: gone }', 'late }'],
    tests: SESSION_TESTS,
  },
  {
    id: 'late-limiter-a', bug: 'one answer that a storage of rate limits owes holds up all later requests of its user',
    file: 'server/lib/limits/storage-rate-limiter.ts',
    replace: ['timelyAnswer((this.#last.get(key) ?? Promise.resolve()).then(() => this.#count(key, limit, amount)))', '(this.#last.get(key) ?? Promise.resolve()).then(() => this.#count(key, limit, amount))'],
    tests: LIMITER_TESTS,
  },
  {
    id: 'late-limiter-b', bug: 'a request waits for a limiter that does not answer',
    file: CONTEXT,
    replace: ['timelyLimiter(options.rateLimiter ?? new FlexibleRateLimiter())', 'options.rateLimiter ?? new FlexibleRateLimiter()'],
    tests: LIMITER_TESTS,
  },
  {
    id: 'generate-a', bug: '`nuxt generate` opens the store of production',
    file: 'server/plugins/or3-sync.ts',
    replace: ['if (!import.meta.prerender) void startedGateway()', 'void startedGateway()'],
    tests: GENERATE_TESTS,
  },
  {
    id: 'generate-b', bug: 'the store is opened to be closed',
    file: 'server/nitro/started-gateway.ts',
    replace: ['await (await started)?.close()', 'await (await startedGateway()).close()'],
    tests: GENERATE_TESTS,
  },
  {
    id: 'generate-c', bug: 'a server finds out with its first request that its store cannot be opened',
    file: 'server/plugins/or3-sync.ts',
    replace: ['if (!import.meta.prerender) void startedGateway()', ''],
    tests: ['test/module/start/server.test.ts'],
  },
  {
    id: 'silent-token-a', bug: 'a token that does not come is waited for until the page is loaded again',
    file: 'src/runtime/core/sync/transport/convex/convex-auth.ts',
    replace: ['await inTime(this.fetchToken(options), { ms: this.timeoutMs, timers: realTimers, late })', 'await this.fetchToken(options)'],
    tests: TOKEN_TESTS,
  },
  {
    id: 'silent-token-b', bug: 'a request for a token stays open for ever',
    file: 'src/runtime/app/fetch-sync-token.ts',
    replace: ['encodeURIComponent(userId) }, signal,', 'encodeURIComponent(userId) },'],
    tests: TOKEN_TESTS,
  },
]
