import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const ANSWERS = ['test/unit/engine/answers-that-never-come.test.ts']
const MERGES = ['test/unit/engine/decisions/decide-merge.test.ts']
const WALKS = ['test/unit/engine/walk-answers.test.ts']
const SHARED = ['test/unit/engine/shared-objects.test.ts']
const STATUS = ['test/unit/engine/status.test.ts']
const OVER = ['test/unit/engine/what-is-over.test.ts']
/** Longer than any test waits, and within what a timer takes. */
const FOREVER = '2_000_000_000'

/** The sixth attack: providers that apps write, which answer late or never, upward or downward, and work on what they are handed. */
export const PROVIDERS_OF_APPS: readonly Mutant[] = [
  ...inFile(`${CORE}/pull/bootstrap.ts`, WALKS, [
    { id: 'walk-direction-a', bug: 'a first page that does not show the direction is taken for one of a walk downward', replace: ['if (position === 0 || nextCursor === position) return undefined', 'if (position === 0) return \'desc\''] },
    { id: 'walk-direction-b', bug: 'a page that goes on upward is an error while the direction is not known', replace: ['{ mayRise: !state.isDirectionKnown }', '{}'] },
    { id: 'rescan-answered', bug: 'a rescan in answer to a walk counts as an empty store', replace: ['throw new SyncError(\'SERVER_ERROR\', \'the store asks for a rescan in answer to one\')', ''] },
    { id: 'silent-cursor-a', bug: 'a first sync waits until the store has taken note of its place', replace: ['void tellPlace(', 'await tellPlace('], tests: ANSWERS },
  ]),
  ...inFile(`${CORE}/pull/cursor-reporter.ts`, ANSWERS, [
    { id: 'silent-cursor-b', bug: 'live changes wait until the store has taken note of the cursor', replace: ['void tellPlace(', 'await tellPlace('] },
  ]),
  ...inFile(`${CORE}/pull/live-subscription.ts`, ANSWERS, [
    { id: 'silent-subscribe-a', bug: 'a subscription that fails before it is made is waited for', replace: ['what: \'subscribe\', signal }), this.#ended])', 'what: \'subscribe\', signal })])'] },
    { id: 'silent-subscribe-b', bug: 'a subscription that is never made is waited for', replace: ['what: \'subscribe\', signal', `what: 'subscribe', ms: ${FOREVER}, signal`] },
    { id: 'late-subscription', bug: 'a subscription that is made too late is never ended', replace: ['if (this.#abort.signal.aborted) this.#release()', ''] },
    { id: 'shared-list', bug: 'a provider that uses its list of changes again takes them from the engine', replace: ['changes: [...changes], page', 'changes, page'], tests: SHARED },
    { id: 'rejecting-clean-up', bug: 'a clean-up whose promise rejects is a rejection that nobody handles', replace: ['Promise.resolve(this.#unsubscribe?.()).catch(warn)', 'this.#unsubscribe?.()'], tests: OVER },
  ]),
  ...inFile(`${CORE}/transport/circuit-breaker.ts`, ANSWERS, [
    { id: 'silent-push', bug: 'a push without an answer is waited for until the page is reloaded', replace: ['what: \'push\'', `what: 'push', ms: ${FOREVER}`] },
    { id: 'silent-pull', bug: 'a pull without an answer is waited for until the page is reloaded', replace: ['what: \'pull\'', `what: 'pull', ms: ${FOREVER}`] },
  ]),
  ...inFile(`${CORE}/decide/edits-meet.ts`, MERGES, [
    { id: 'unconfirmed-itself', bug: 'an edit that was only acknowledged is in conflict with itself when it comes again after a later one was given up', replace: ['compareRevisions(revision, edit) !== 0 && ', ''] },
  ]),
  ...inFile(`${CORE}/create-sync-engine.ts`, ANSWERS, [
    { id: 'silent-dispose', bug: 'an engine does not close while its provider does not let go', replace: ['ms: DISPOSE_MS', `ms: ${FOREVER}`] },
  ]),
  ...inFile(`${CORE}/push/send-batch.ts`, SHARED, [
    { id: 'shared-ops', bug: 'what a provider does to the ops it is handed is sent at the next try, and kept in the dead letter', replace: ['ops: copyData(ops)', 'ops'] },
  ]),
  ...inFile(`${CORE}/pull/live-pages.ts`, SHARED, [
    { id: 'shared-place', bug: 'a provider that uses its page again moves the cursor', replace: ['? { ...page } : undefined', '? page : undefined'] },
  ]),
  ...inFile(`${CORE}/context/sync-status.ts`, STATUS, [
    { id: 'status-listener', bug: 'a listener of the status that throws breaks whatever changed it', replace: ['try { listener(next) }\n      catch (error) { this.log.error(\'A listener of the status threw\', error) }', 'listener(next)'] },
  ]),
  ...inFile(`${CORE}/life/status-publisher.ts`, STATUS, [
    { id: 'wrong-offline-a', bug: 'a browser that says that it is offline is believed, whatever the store answers', replace: ['online: isOnline || this.#isReachedOffline', 'online: isOnline'] },
    { id: 'wrong-offline-b', bug: 'a browser that was wrong about the network once is never believed again', replace: ['if (isOnline) this.#isReachedOffline = false', ''] },
  ]),
  ...inFile(`${CORE}/context/sync-hooks.ts`, ['test/unit/engine/sync-hooks.test.ts'], [
    { id: 'rejecting-listener', bug: 'a listener whose Dexie promise rejects is not reported', replace: ['if (typeof (result as PromiseLike<unknown> | undefined)?.then === \'function\')', 'if (result instanceof Promise)'] },
  ]),
]
