import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const FIREWALLS = ['test/unit/engine/firewalls.test.ts']
const BACK_OFF = ['test/unit/engine/push-back-off.test.ts']
const STREAMS = ['test/unit/engine/event-streams.test.ts']

/** F29 to F35, F47, F48: the network is not ours, and a stop is one. */
export const NETWORK: readonly Mutant[] = [
  {
    id: 'f29-a', bug: 'a refusal of somebody else counts as the gateway\'s verdict',
    file: `${CORE}/transport/gateway/gateway-verdict.ts`,
    replace: ['if (!protocol || !isWireErrorCode(code)) return null', 'if (!isWireErrorCode(code)) return null'],
    tests: ['test/unit/engine/gateway-verdict.test.ts'],
  },
  {
    id: 'f29-b', bug: 'whatever comes with status 200 is a reply',
    file: `${CORE}/transport/gateway/read-gateway-reply.ts`,
    replace: ['!response.ok || !response.headers.get(PROTOCOL_HEADER)', '!response.ok'],
    tests: ['test/unit/engine/gateway-verdict.test.ts'],
  },
  {
    id: 'f30-a', bug: 'a batch that a firewall refuses is sent as it is for ever',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['if (++this.#strange < SUSPICIOUS)', 'if (++this.#strange < Infinity)'],
    tests: FIREWALLS,
  },
  {
    id: 'f30-b', bug: 'a batch is suspected although the store cannot be reached at all',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['if (error.retryable && !await storeAnswers()) {', 'if (error.retryable && !storeAnswers) {'],
    also: [{ replace: ['return await storeAnswers() ? this.#search(batch)', 'return batch.ops > 0 ? this.#search(batch)'] }],
    tests: FIREWALLS,
  },
  {
    id: 'f30-c', bug: 'what waits aside is sent together with the others again',
    file: `${CORE}/push/batch-source.ts`,
    replace: ['aside !== undefined || timing.isDeferred(opId)', 'timing.isDeferred(opId)'],
    tests: FIREWALLS,
  },
  {
    id: 'f30-d', bug: 'an edit that a stranger refuses goes to the dead letter',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['return { kind: error.retryable ? \'aside\' : \'refuse\' }', 'return { kind: \'refuse\' }'],
    tests: FIREWALLS, simulated: true,
  },
  {
    id: 'f31-a', bug: 'every tab has an event stream',
    file: 'src/runtime/shared/sync/protocol/limits.ts',
    replace: ['STREAM_SLOTS = 2', 'STREAM_SLOTS = 12'],
    tests: ['test/unit/engine/stream-slots.test.ts'],
  },
  {
    id: 'f32-a', bug: 'a stream that has shown nothing yet is trusted for 45 s',
    file: 'src/runtime/shared/sync/protocol/limits.ts',
    replace: ['STREAM_FIRST_EVENT_MS = 3_000', 'STREAM_FIRST_EVENT_MS = 45_000'],
    tests: STREAMS,
  },
  {
    id: 'f32-b', bug: 'a stream that failed once is never tried again',
    file: `${CORE}/transport/gateway/streams/stream-retry.ts`,
    replace: ['return this.now() >= this.#notBefore', 'return this.#notBefore === 0'],
    tests: STREAMS,
  },
  {
    id: 'f32-c', bug: 'after a stream that has gone silent the first poll waits, although something may have come',
    file: `${CORE}/transport/gateway/feed/feed-chooser.ts`,
    replace: ['{ ...request, isLevel: false }', 'request'],
    tests: ['test/unit/engine/feed-chooser.test.ts'],
  },
  {
    id: 'f32-d', bug: 'a stream that is found when nobody follows any more stays open',
    file: `${CORE}/transport/gateway/feed/feed-chooser.ts`,
    replace: ['if (isOver) feed?.close()\n      else found = feed', 'found = feed'],
    tests: ['test/unit/engine/feed-chooser.test.ts'],
  },
  {
    id: 'f33-a', bug: 'a page that is hidden sends before the time that the server has named',
    file: `${CORE}/push/outbox-manager.ts`,
    replace: ['if (this.#isStarted && !this.#timing.isOrdered)', 'if (this.#isStarted)'],
    tests: BACK_OFF,
  },
  {
    id: 'f33-b', bug: 'a change is judged before it is known what became of our own edit',
    file: `${CORE}/decide/decide-doubtful.ts`,
    replace: ['=== \'pending\' && (isUnanswered || hasAside)', '=== \'pending\' && hasAside'],
    tests: [...BACK_OFF, 'test/unit/engine/outbox.test.ts'], simulated: true,
  },
  {
    id: 'f33-c', bug: 'news of the stream end what the server has asked the pushes to wait',
    file: `${CORE}/transport/connection-health.ts`,
    replace: ['error.retryAfter === undefined && (error.code === \'NETWORK_ERROR\' || error.code === \'UNAUTHORIZED\')', 'error.code !== undefined'],
    tests: BACK_OFF,
  },
  {
    id: 'f34-a', bug: 'pushes are announced and counted while the breaker lets nothing through',
    file: `${CORE}/push/batch-pusher.ts`,
    replace: ['const wait = context.breakers.push.waitMs', 'const wait = 0'],
    also: [{ replace: ['const rest = breakers.push.waitMs', 'const rest = 0 * breakers.push.waitMs'] }],
    tests: BACK_OFF,
  },
  {
    id: 'f34-b', bug: 'an open breaker looks like a network that is away',
    file: `${CORE}/transport/circuit-breaker.ts`,
    replace: ['throw new SyncError(\'SERVER_ERROR\', \'the store failed too often', 'throw new SyncError(\'NETWORK_ERROR\', \'the store failed too often'],
    tests: ['test/unit/engine/circuit-breaker.test.ts'],
  },
  {
    id: 'f35-a', bug: 'batches double with every success, so that every other one is too large',
    file: `${CORE}/transport/request-size.ts`,
    replace: ['growth: 1.125, patience: { first: 16, most: 4_096 }', 'growth: 2, patience: { first: 1, most: 1 }'],
    tests: ['test/unit/engine/batch-size.test.ts'],
  },
  {
    id: 'f47-a', bug: 'a stream is read faster than it is applied',
    file: `${CORE}/transport/gateway/feed/follow-feed.ts`,
    replace: ['await onChanges(changes', 'void onChanges(changes'],
    tests: STREAMS,
  },
  {
    id: 'f48-a', bug: 'a stop does not wait for the page in hand',
    file: `${CORE}/pull/live-subscription.ts`,
    replace: ['      await this.#underWay.settled()\n      await applied\n', ''],
    also: [{ file: `${CORE}/life/leader-work.ts`, replace: ['    await this.#applier.idle()\n    this.#health.forget()', '    this.#health.forget()'] }],
    tests: ['test/unit/engine/stopped-engine.test.ts'],
  },
  {
    id: 'f48-b', bug: 'a push that is being compressed leaves after the stop',
    file: `${CORE}/transport/gateway/packed-pushes.ts`,
    replace: ['    const body = await gzipText(text)\n    notAfter?.throwIfAborted()\n', '    const body = await gzipText(text)\n'],
    tests: ['test/unit/engine/compressed-pushes.test.ts'],
  },
]
