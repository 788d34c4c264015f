import type { SyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/is-barred'

/** Why nothing syncs. */
export type SyncReason
  /** By the app's or the server's configuration. */
  = | 'switched-off'
  /** Nobody is signed in. */
    | 'no-session'
  /** The session has expired; edits are captured. */
    | 'expired'
  /** The user belongs to no workspace. */
    | 'no-workspace'
  /** The user belongs to this workspace no more. */
    | 'barred'
  /** Somebody else has signed in in this browser; edits are captured. */
    | 'other-user'
  /** A newer version of the package has changed the database: this page has to be reloaded. */
    | 'newer-database'
  /** The server speaks another protocol than this page: it has to be reloaded. */
    | 'outdated'
  /** The chosen provider is not registered. */
    | 'no-provider'
  /** The browser's database cannot be opened. */
    | 'no-storage'

/** What an error of provider or database says of why nothing syncs; null: it will pass. */
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
