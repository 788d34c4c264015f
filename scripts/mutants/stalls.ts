import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const FAILING_STORES = ['test/unit/engine/failing-stores.test.ts']
const READ_PATH = ['test/unit/engine/read-path.test.ts']
const CONTACT_TESTS = ['test/unit/engine/pitfalls-contact.test.ts']

/** Pitfalls 21 to 28: sync stands still, or never comes to rest. */
export const STALLS: readonly Mutant[] = [
  {
    id: 'pitfall-21', bug: 'the circuit breaker\'s probe is never given back',
    file: `${CORE}/transport/circuit-breaker.ts`,
    replace: ['if (isProbe) this.#probing = false', ''],
    tests: ['test/unit/engine/circuit-breaker.test.ts'],
  },
  {
    id: 'pitfall-22', bug: 'a bootstrap that is cut off says that it is complete',
    file: `${CORE}/pull/bootstrap.ts`,
    replace: ['const page: PullResponse = await next', 'const page: PullResponse | null = await next.catch(() => null)\n    if (!page) break'],
    tests: CONTACT_TESTS,
  },
  {
    id: 'pitfall-22b', bug: 'the bootstrap of an empty workspace goes on for ever',
    file: `${CORE}/pull/bootstrap.ts`,
    replace: ['next = page.hasMore ?', 'next = page.hasMore || state.pulled === 0 ?'],
    tests: READ_PATH,
  },
  {
    id: 'pitfall-23', bug: 'a bootstrap starts over after a reload',
    file: `${CORE}/pull/catch-up.ts`,
    replace: ['if (open) await this.#resume(signal, open)', 'if (open) await this.#walk(signal, await this.#begin(\'bootstrap\', \'first sync\', names, \'none\'))'],
    tests: READ_PATH,
  },
  {
    id: 'pitfall-23b', bug: 'bootstrap pages stay at 100 rows',
    file: `${CORE}/pull/bootstrap.ts`,
    replace: ['limit = Math.min(limit * 4, ideal)', 'limit = BOOTSTRAP_FIRST_PAGE'],
    tests: CONTACT_TESTS,
  },
  {
    id: 'pitfall-23c', bug: 'a user may pull 120 times a minute',
    file: 'src/runtime/shared/sync/settings/limit-settings.ts',
    replace: ['pull: limit(3_000, ', 'pull: limit(120, '],
    tests: ['test/unit/server/pitfalls.test.ts'],
  },
  {
    id: 'pitfall-24', bug: 'after 20 failed connections it gives up for good',
    file: `${CORE}/pull/subscription-manager.ts`,
    replace: ['attempts++\n', 'attempts++\n        if (attempts > MANY_ATTEMPTS) return\n'],
    tests: CONTACT_TESTS,
  },
  {
    id: 'pitfall-24b', bug: 'coming online, or back to the page, wakes nothing',
    file: `${CORE}/life/sync-supervisor.ts`,
    replace: ['env.onWake(() => this.wake())', 'env.onWake(() => {})'],
    tests: CONTACT_TESTS,
  },
  {
    id: 'pitfall-25', bug: 'every live batch is applied twice, the second time as conflicts',
    file: `${CORE}/pull/page-taker.ts`,
    replace: ['await applier.apply(changes, { cursor: {', 'await applier.apply(changes)\n    await applier.apply(changes, { cursor: {'],
    also: [{
      file: `${CORE}/merge/conflict-resolver.ts`,
      replace: ['if (decision.conflict) page.met.push', 'if (decision.kind === \'echo\' && meeting.row && !page.outbox.latest(meeting.key)) page.met.push({ winner: \'local\', local: { op: \'delete\', ...change.stamp }, remote: change })\n    if (decision.conflict) page.met.push'],
    }],
    tests: CONTACT_TESTS, simulated: true,
  },
  {
    id: 'pitfall-25b', bug: 'the echo of an own edit counts as a remote change',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['if (order === 0) return', 'if (order === 0 && edit) return'],
    tests: CONTACT_TESTS,
  },
  {
    id: 'pitfall-26', bug: 'a device is taken for gone after 24 hours',
    file: 'src/runtime/shared/sync/protocol/limits.ts',
    replace: ['export const CURSOR_EXPIRY_MS = 7 * DAY_MS', 'export const CURSOR_EXPIRY_MS = DAY_MS'],
    tests: CONTACT_TESTS,
  },
  {
    id: 'pitfall-26b', bug: 'expiry counts from the last change, not from the last contact',
    file: `${CORE}/pull/change-applier.ts`,
    replace: ['{ lastSyncAt: context.env.clock.now(), ...place,', '{ ...(remote.length ? { lastSyncAt: context.env.clock.now() } : {}), ...place,'],
    tests: CONTACT_TESTS,
  },
  {
    id: 'pitfall-26c', bug: 'a quiet subscription is no contact: an idle healthy client rescans everything',
    file: `${CORE}/pull/live-subscription.ts`,
    replace: ['cursors.pass(cursors.state.cursor, env.clock.now())', 'void cursors'],
    tests: ['test/unit/engine/long-subscriptions.test.ts'],
  },
  {
    id: 'pitfall-27', bug: 'a frozen leader keeps the lead',
    file: `${CORE}/tabs/leader-election.ts`,
    replace: ['this.#run(true)', 'this.#run(false)'],
    tests: ['test/unit/engine/tabs.test.ts'],
  },
  {
    id: 'pitfall-27b', bug: 'starts and stops run into each other',
    file: `${CORE}/life/sync-supervisor.ts`,
    replace: ['const turn = this.#lifecycle.then(work)', 'const turn = work()'],
    tests: ['test/unit/engine/tabs.test.ts'],
  },
  {
    id: 'pitfall-27c', bug: 'a tab that takes over leaves what is pending where it is',
    file: `${CORE}/push/outbox-manager.ts`,
    replace: ['  start(): void {', '  start(): void {\n    this.#pushing.go(\'start\', {})\n    if (this.#isStarted) return'],
    tests: ['test/unit/engine/tabs.test.ts', 'test/unit/engine/two-devices.test.ts'],
  },
  {
    id: 'pitfall-28', bug: 'an op that no request can carry blocks the queue',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['return { kind: error.retryable ? \'aside\' : \'refuse\' }', 'return { kind: \'wait\', isOutage: true }'],
    tests: ['test/unit/engine/pitfalls-queue.test.ts'],
  },
  {
    id: 'pitfall-28b', bug: 'a refused op is tried again for ever',
    file: `${CORE}/decide/decide-answer.ts`,
    replace: ['if (isFinal || meaning === \'dead-letter\')', 'if (isFinal)'],
    tests: ['test/unit/engine/outbox.test.ts'],
  },
  ...inFile('src/runtime/shared/sync/protocol/retry-policy.ts', FAILING_STORES, [
    {
      id: 'failing-store', bug: 'a batch that the store fails over each time holds the queue up for ever',
      replace: ['return batch === \'broken\' && error.retryAfter !== undefined ? \'wait\' : batch', 'return batch === \'broken\' ? \'wait\' : batch'],
    },
    {
      id: 'failing-store-named-time', bug: 'a full store that says when to come back has its edits set aside',
      replace: ['return batch === \'broken\' && error.retryAfter !== undefined ? \'wait\' : batch', 'return batch'],
    },
  ]),
  {
    id: 'failing-store-outage', bug: 'edits are set aside in an outage',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['if (await storeAnswers()) return this.#search(batch)\n    size.forget()', 'return this.#search(batch)'],
    also: [{ replace: ['    return { kind: \'wait\', isOutage: true }\n  }\n\n  #search', '  }\n\n  #search'] }],
    tests: FAILING_STORES,
  },
  {
    id: 'failing-store-search', bug: 'an outage during a search for an op goes on as the search',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['if (await storeAnswers()) return this.#search(batch)', 'if (size.isSearching || await storeAnswers()) return this.#search(batch)'],
    tests: FAILING_STORES,
  },
  {
    id: 'failing-store-alone', bug: 'an op that waits aside and fails again holds up the others',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['if (verdict === \'broken\') return await this.#asideIfAnswered()', 'if (verdict === \'broken\') return { kind: \'wait\', isOutage: true }'],
    tests: FAILING_STORES,
  },
  {
    id: 'failing-store-breaker', bug: 'a breaker that one batch holds open hides that it is the batch',
    file: `${CORE}/push/store-answers.ts`,
    replace: ['  context.breakers.push.allowProbe()\n', ''],
    tests: FAILING_STORES,
  },
]
