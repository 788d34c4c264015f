import type { SessionAnswer } from './ask-session'
import type { KnownSession } from './read-known-session'
import type { SessionState } from './session-state'

/**
 * Why the server was asked. `first`: the page loads. `asked`: the app called `refresh()` and accepts whoever is signed in. `news`: another
 * tab has learnt of a session. `look`: something may have changed.
 */
export type SessionCause = 'first' | 'asked' | 'news' | 'look'

export interface SessionFacts {
  state: Pick<SessionState, 'status' | 'userId'>
  /** The last session that this browser remembers. */
  last: KnownSession | null
  /** The user who has just signed out in this page. The server may not have heard of it yet. */
  signedOutUser: string | null
  cause: SessionCause
  /** The app has cleared its own session a moment ago. If the server knows nobody either, that was a sign-out and not an expired session. */
  isCleared: boolean
}

export type SessionDecision =
  | { kind: 'enter', session: KnownSession }
  /** The page keeps its user (or the remembered one) and its database, but sends nothing. */
  | { kind: 'expire' }
  /** Like `expire`, because somebody else is signed in. */
  | { kind: 'step-aside' }
  /** The page uses the remembered session until the server answers. */
  | { kind: 'fall-back' }
  /** The user has signed out. */
  | { kind: 'leave' }
  | { kind: 'stay' }

/** What the server's answer means for this page. A page that works for one user never changes to another user by itself. */
export function decideSession(answer: SessionAnswer, { state, last, signedOutUser, cause, isCleared }: SessionFacts): SessionDecision {
  const isLoading = state.status === 'loading'
  switch (answer.kind) {
    case 'none':
      return isLoading ? { kind: 'fall-back' } : { kind: 'stay' }
    case 'nobody':
      if (isCleared) return { kind: 'leave' }
      return state.userId || (isLoading && last) ? { kind: 'expire' } : { kind: 'leave' }
    case 'user': {
      const { session } = answer
      if (cause === 'asked' || session.userId === state.userId) return { kind: 'enter', session }
      if (state.userId) return { kind: 'step-aside' }
      return session.userId === signedOutUser ? { kind: 'stay' } : { kind: 'enter', session }
    }
  }
}
