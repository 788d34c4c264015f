import type { SyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/retry-policy'

/** Why nothing syncs. */
export type SyncReason
  /** The app's or the server's configuration has switched sync off. */
  = | 'switched-off'
  /** Nobody is signed in. */
    | 'no-session'
  /** The session has expired; edits are captured. */
    | 'expired'
  /** The user belongs to no workspace. */
    | 'no-workspace'
  /** The user is no longer a member of this workspace. */
    | 'barred'
  /** Somebody else has signed in in this browser; edits are captured. */
    | 'other-user'
  /** A newer version of this package has changed the database. The page has to be reloaded. */
    | 'newer-database'
  /** The server speaks another version of the protocol. The page has to be reloaded. */
    | 'outdated'
  /** The chosen provider is not registered. */
    | 'no-provider'
  /** The browser's database cannot be opened. */
    | 'no-storage'

/** The reason behind an error of the provider or the database; null: the error will pass, and is tried again. */
export function reasonOf(error: SyncError): SyncReason | null {
  switch (error.code) {
    case 'NEWER_DATABASE': return 'newer-database'
    case 'USER_CHANGED': return 'other-user'
    case 'UNSUPPORTED_PROTOCOL': return 'outdated'
    case 'SYNC_DISABLED': return 'switched-off'
    case 'UNAUTHORIZED': return isBarred(error) ? 'barred' : 'expired'
    default: return null
  }
}
