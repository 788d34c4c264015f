import type { SyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/retry-policy'
import type { SyncReason } from '../../../shared/sync/protocol/sync-reason'

export type { SyncReason }

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
