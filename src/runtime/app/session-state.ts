import type { SyncRole, SyncWorkspace } from '../shared/sync/protocol/types'

/**
 * `loading`: not known yet. `expired`: the server knows nobody, or somebody else, but the user has not signed out: edits are still
 * captured.
 */
export type SessionStatus = 'loading' | 'authenticated' | 'expired' | 'unauthenticated'

export interface SessionState {
  status: SessionStatus
  userId: string | null
  workspaceId: string | null
  /** Null with a `workspaceId`: no member of it any more. */
  role: SyncRole | null
  workspaces: SyncWorkspace[]
  /** What the app has named; null: nothing. */
  projectId: string | null
}

/** What there is before anybody was asked. Where sync is off, nobody ever is. The same on server and client. */
export function firstSession(isSyncOn: boolean): SessionState {
  return { status: isSyncOn ? 'loading' : 'unauthenticated', userId: null, workspaceId: null, role: null, workspaces: [], projectId: null }
}

export function nobody(): SessionState {
  return firstSession(false)
}
