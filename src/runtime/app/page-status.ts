import type { SyncReason } from '../core/sync/context/sync-reason'
import { INITIAL_STATUS, type SyncStatus } from '../core/sync/context/sync-status'
import type { SessionStatus } from './session-state'

/** Why the engine could not be started. */
export type StartTrouble = Pick<SyncStatus, 'error' | 'reason'>

export interface PageFacts {
  /** Null: sync is off. */
  session: { status: SessionStatus, reason: SyncReason | null } | null
  engine: SyncStatus
  /** Whether this engine was ever started. */
  hasStarted: boolean
  trouble: StartTrouble | null
}

/** The sync status that a page shows before anything is known. It is the same on server and client. */
export function firstStatus(isSyncOn: boolean): SyncStatus {
  return isSyncOn ? { ...INITIAL_STATUS, state: 'connecting' } : { ...INITIAL_STATUS, state: 'disabled', consistent: true, reason: 'switched-off' }
}

/** The status that the page shows: the engine's own, unless the session or a failed start keeps the engine from running. */
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
