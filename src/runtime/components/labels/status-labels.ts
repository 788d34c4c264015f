import type { SyncReason } from '../../core/sync/context/sync-reason'
import type { SyncState } from '../../core/sync/context/sync-status'

/** The texts of `<SyncStatus>`: one for each state and each reason, and the others. A reason is shown instead of the state. */
export interface SyncStatusLabels extends Record<SyncState | SyncReason, string> {
  /** How many edits wait to be sent. */
  pending: (count: number) => string
  /** How many edits were refused. */
  failed: (count: number) => string
  /** When the server was last heard of. `time`: such as "2 minutes ago". */
  lastSync: (time: string) => string
}

export const STATUS_LABELS: SyncStatusLabels = {
  'disabled': 'On this device only',
  'offline': 'Offline',
  'connecting': 'Connecting',
  'bootstrapping': 'Loading',
  'syncing': 'Syncing',
  'idle': 'In sync',
  'error': 'Sync has a problem and will try again',
  'switched-off': 'On this device only',
  'no-session': 'Not signed in: on this device only',
  'expired': 'Sign in again to sync',
  'no-workspace': 'No workspace: on this device only',
  'barred': 'You are no longer a member of this workspace',
  'other-user': 'Another account is signed in',
  'newer-database': 'Reload the page to go on',
  'outdated': 'Reload the page to go on',
  'no-provider': 'Sync is not set up',
  'no-storage': 'This browser lets the page store nothing',
  'pending': count => `${count} to send`,
  'failed': count => `${count} not saved`,
  'lastSync': time => `Last sync ${time}`,
}
