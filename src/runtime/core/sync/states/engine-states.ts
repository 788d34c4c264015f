import type { SyncError } from '../../../shared/sync/protocol/errors'

/*
 * The states of an engine. Three machines run side by side: the session's in every tab, the other two in the tab that leads.
 * docs/architecture.md draws them; `test/unit/docs/engine-states.test.ts` compares the drawings with these tables.
 */

/**
 * Whether this tab syncs, and in whose name.
 *
 * - `stopped`: edits are captured and wait. Nothing is asked or sent.
 * - `running`: this tab leads, or waits until it may.
 * - `aside`: the store says that somebody else is signed in. This tab does not stand for the lead; edits are captured and wait.
 * - `comingBack`: there is reason to think that its user is back. Until the tab stands for the lead again, answers tell of before.
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
 * - `live`: a subscription is being made or is there. What it brings is applied in order, and moves the cursor when it goes on from there.
 * - `ending`: the subscription is over. What it set going is waited for, and the cursor is stored.
 * - `waiting`: something has failed. The next try comes when the time is over, or when somebody wakes it.
 */
export const FOLLOWING = {
  stopped: { start: 'catchingUp' },
  catchingUp: { caughtUp: 'live', again: 'catchingUp', fail: 'waiting', stop: 'stopped' },
  live: { end: 'ending', stop: 'stopped' },
  ending: { ended: 'catchingUp', fail: 'waiting', stop: 'stopped' },
  waiting: { retry: 'catchingUp', stop: 'stopped' },
} as const

/** Woken since the last try began: should that fail, it may have been the last of the old network. */
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
 * - `resting`: nothing is due. Whatever may be due starts the next round.
 * - `sending`: one batch after the other is collected, sent and settled; never two at a time.
 * - `stopping`: the last round ends. No answer is waited for.
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
    /** Somebody asked to hurry: should the push under way fail, the next does not wait. */
    isWoken: boolean
    /** Resolves when the round is over. */
    done: Promise<void>
  }
  stopping: { done: Promise<void> }
}

/**
 * What the next push waits for.
 *
 * - `nothing`: it may go.
 * - `pause`: nothing goes until it is over, new edits neither: a back-off, or the pause between small pushes.
 * - `deferred`: nothing else is left, and single ops may go when their time has come.
 */
export const PUSH_WAIT = {
  nothing: { pause: 'pause', defer: 'deferred' },
  pause: { over: 'nothing' },
  deferred: { over: 'nothing' },
} as const

export interface PushWaitData {
  nothing: object
  /** `isOrdered`: the store has named the time. Only the user may shorten it. */
  pause: { timer: unknown, isOrdered: boolean }
  deferred: { timer: unknown }
}
