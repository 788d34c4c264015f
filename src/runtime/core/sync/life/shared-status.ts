import type { SyncError } from '../../../shared/sync/protocol/errors'
import type { LeaderState } from './leader-work'
import { reasonOf, type SyncReason } from '../context/sync-reason'
import { deriveState } from '../context/sync-status'
import type { SharedStatus } from '../tabs/tab-channel'

export interface SharedStatusInput {
  work: LeaderState
  /** Why the database cannot be used at all. */
  unusable: { error: SyncError, reason: SyncReason | null } | null
  /** Somebody else is signed in. */
  otherUser: SyncError | null
  running: boolean
  online: boolean
}

/** The part of the status that is the same in every tab, made by the tab that does the work. */
export function sharedStatus({ work, unusable, otherUser, running, online }: SharedStatusInput): SharedStatus {
  const { subscription, isPushing, walk, cursor, lastSyncAt, firstSyncDone, consistent } = work
  const error = unusable?.error ?? otherUser ?? work.error
  return {
    state: deriveState({ usable: !unusable, running, online, error, bootstrapping: walk !== null, subscription, pushing: isPushing }),
    cursor, lastSyncAt, firstSyncDone, consistent, progress: walk?.value ?? null, pulledCount: walk?.pulled ?? 0,
    error: error && { code: error.code, message: error.message },
    reason: unusable?.reason ?? (error && reasonOf(error)),
  }
}
