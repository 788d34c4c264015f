import type { SyncRole, SyncWorkspace } from '../shared/sync/protocol/types'

/**
 * `loading`: not known yet. `expired`: the server knows nobody, or somebody else, but this user has not signed out. Their edits are still
 * captured and wait in the outbox. `unauthenticated`: nobody is signed in.
 */
export type SessionStatus = 'loading' | 'authenticated' | 'expired' | 'unauthenticated'

export interface SessionState {
  status: SessionStatus
  userId: string | null
  workspaceId: string | null
  /** Null while `workspaceId` is set: the user is no longer a member of that workspace. */
  role: SyncRole | null
  workspaces: SyncWorkspace[]
  /** The project that the app has named; null: none. */
  projectId: string | null
}

/** The state before the server was asked. With sync off it is never asked. It is the same on server and client. */
export function firstSession(isSyncOn: boolean): SessionState {
  return { status: isSyncOn ? 'loading' : 'unauthenticated', userId: null, workspaceId: null, role: null, workspaces: [], projectId: null }
}

export function nobody(): SessionState {
  return firstSession(false)
}
