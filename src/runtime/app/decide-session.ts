import type { SessionAnswer } from './ask-session'
import type { KnownSession } from './read-known-session'
import type { SessionState } from './session-state'

/**
 * Why the server was asked. `first`: the page loads. `asked`: the app wants its word, whoever it names. `news`: another tab has heard of a
 * session. `look`: nobody asked for it, something may have changed.
 */
export type SessionCause = 'first' | 'asked' | 'news' | 'look'

export interface SessionFacts {
  state: Pick<SessionState, 'status' | 'userId'>
  /** Who was signed in in this browser last. */
  last: KnownSession | null
  /** Who has signed out here; the server may not have heard of it yet. */
  left: string | null
  cause: SessionCause
  /** The app has cleared its own session a moment ago: whom the server does not know either has signed out. */
  isCleared: boolean
}

export type SessionDecision =
  | { kind: 'enter', session: KnownSession }
  /** The page keeps its user, or the last one, and sends nothing. */
  | { kind: 'expire' }
  /** The same, because somebody else is signed in. */
  | { kind: 'step-aside' }
  /** The last session counts until the server answers. */
  | { kind: 'fall-back' }
  /** The user has signed out. */
  | { kind: 'leave' }
  | { kind: 'stay' }

/** What an answer of the server means for this page. A page that works as one user never becomes another's by itself. */
export function decideSession(answer: SessionAnswer, { state, last, left, cause, isCleared }: SessionFacts): SessionDecision {
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
      return session.userId === left ? { kind: 'stay' } : { kind: 'enter', session }
    }
  }
}
