import type { SyncError } from '../../../shared/sync/protocol/errors'

/*
 * The states of an engine. Three machines run side by side: the session's in every tab, the other two in the tab that leads.
 * docs/architecture.md draws them; `test/unit/docs/engine-states.test.ts` compares the drawings with these tables.
 */

/**
 * Whether this tab syncs, and in whose name.
 *
 * - `stopped`: edits are captured and wait. Nothing is asked or sent.
 * - `running`: this tab leads, or waits until it may lead.
 * - `aside`: the store says that somebody else is signed in. This tab does not try to lead; edits are captured and wait.
 * - `comingBack`: the user may be back. Until the tab tries to lead again, answers that come in are from before and do not count.
 * - `closed`: the database is closed, for good.
 */
export const SESSION = {
  stopped: { begin: 'running', close: 'closed' },
  running: { end: 'stopped', otherUser: 'aside' },
  aside: { end: 'stopped', comeBack: 'comingBack' },
  comingBack: { end: 'stopped', stand: 'running' },
  closed: {},
} as const

export interface SessionData {
  stopped: object
  running: object
  /** What the store answered. */
  aside: { error: SyncError }
  comingBack: object
  closed: object
}

/**
 * How this device follows the store.
 *
 * - `stopped`: this tab does not lead.
 * - `catchingUp`: bootstrap, rescan or a pull from the cursor. There is no subscription.
 * - `live`: a subscription is being made, or is there. Its pages are applied in order. A page moves the cursor if it begins at the cursor.
 * - `ending`: the subscription is over. The work that it began is waited for, and the cursor is stored.
 * - `waiting`: something has failed. The next try comes when the pause is over, or when the engine is woken.
 */
export const FOLLOWING = {
  stopped: { start: 'catchingUp' },
  catchingUp: { caughtUp: 'live', again: 'catchingUp', fail: 'waiting', stop: 'stopped' },
  live: { end: 'ending', stop: 'stopped' },
  ending: { ended: 'catchingUp', fail: 'waiting', stop: 'stopped' },
  waiting: { retry: 'catchingUp', stop: 'stopped' },
} as const

/** `isWoken`: the engine was woken since the try began. If the try fails, the reason may be a network that is gone by now, so the next one does not wait. */
interface Trying { isWoken: boolean }

export interface FollowingData<Subscription = unknown> {
  stopped: object
  catchingUp: Trying
  live: Trying & { subscription: Subscription }
  ending: Trying
  waiting: { wakeUp: () => void }
}

/**
 * How the outbox is sent.
 *
 * - `stopped`: this tab does not lead.
 * - `resting`: nothing is due. An edit that may be due starts the next round.
 * - `sending`: one batch after the other is collected, sent and settled; never two at a time.
 * - `stopping`: the last round ends. It does not wait for an answer.
 */
export const PUSHING = {
  stopped: { start: 'resting' },
  resting: { due: 'sending', stop: 'stopped' },
  sending: { rest: 'resting', stop: 'stopping' },
  stopping: { rest: 'stopped' },
} as const

export interface PushingData {
  stopped: object
  resting: object
  sending: {
    /** Something may have become due since this round looked. */
    again: boolean
    /** The engine was woken since the push began. If the push fails, the next one does not wait. */
    isWoken: boolean
    /** Resolves when the round is over. */
    done: Promise<void>
  }
  stopping: { done: Promise<void> }
}

/**
 * What the next push waits for.
 *
 * - `nothing`: edits may be sent.
 * - `pause`: nothing is sent until the pause is over, not even new edits. It is a back-off, or the pause between small pushes.
 * - `deferred`: only edits are left that may not be sent yet. Each is sent when its time has come.
 */
export const PUSH_WAIT = {
  nothing: { pause: 'pause', defer: 'deferred' },
  pause: { over: 'nothing' },
  deferred: { over: 'nothing' },
} as const

export interface PushWaitData {
  nothing: object
  /** `isOrdered`: the store has asked for this pause. Only the user may shorten it. */
  pause: { timer: unknown, isOrdered: boolean }
  deferred: { timer: unknown }
}
