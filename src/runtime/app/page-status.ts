import type { SyncReason } from '../core/sync/context/sync-reason'
import { INITIAL_STATUS, type SyncStatus } from '../core/sync/context/sync-status'
import type { SessionStatus } from './session-state'

/** What keeps the engine from starting. */
export type StartTrouble = Pick<SyncStatus, 'error' | 'reason'>

export interface PageFacts {
  /** Null: sync is off in this app. */
  session: { status: SessionStatus, reason: SyncReason | null } | null
  engine: SyncStatus
  /** Whether this engine has been started once. */
  hasStarted: boolean
  trouble: StartTrouble | null
}

/** What a page shows of sync before anything is known of it. The same on server and client. */
export function firstStatus(isSyncOn: boolean): SyncStatus {
  return isSyncOn ? { ...INITIAL_STATUS, state: 'connecting' } : { ...INITIAL_STATUS, state: 'disabled', reason: 'switched-off' }
}

/** The engine's status, as far as the session lets it run. */
export function pageStatus({ session, engine, hasStarted, trouble }: PageFacts): SyncStatus {
  if (!session) return firstStatus(false)
  const { status, reason } = session
  if (status === 'loading') return { ...engine, state: 'connecting' }
  if (reason === 'no-session' || reason === 'no-workspace') return { ...engine, state: 'disabled', reason }
  if (reason === 'expired') return { ...engine, state: 'offline', reason }
  if (reason === 'other-user') return { ...engine, state: 'error', reason, error: { code: 'USER_CHANGED', message: 'somebody else has signed in in this browser' } }
  if (trouble) return { ...engine, state: 'error', ...trouble }
  return { ...engine, ...(hasStarted ? {} : { state: 'connecting' }), reason: engine.reason ?? reason }
}
