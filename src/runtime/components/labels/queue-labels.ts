import type { WireErrorCode } from '../../shared/sync/protocol/types'

/** What one entry of a list is about. */
export interface RowName {
  tableName: string
  pk: string
}

/** The texts of `<SyncQueue>`: one for each error code, and the others. */
export interface SyncQueueLabels extends Record<WireErrorCode, string> {
  /** The accessible name of the whole. */
  queue: string
  /** Above the edits that were refused, and above those that wait. */
  failed: string
  pending: string
  /** When there are none. */
  empty: string
  /** How a row is called. Default: its table and key. */
  row: (row: RowName) => string
  put: string
  delete: string
  retry: string
  retryAll: string
  discard: string
  /** Asks before an edit is discarded. */
  confirm: string
  cancel: string
  save: string
  /** How many edits are not listed. */
  more: (count: number) => string
  /** An action of the user has failed. `message` is the error's. */
  problem: (message: string) => string
}

export const QUEUE_LABELS: SyncQueueLabels = {
  VALIDATION_ERROR: 'The server does not accept these values',
  OVERSIZED: 'It is too large',
  CLOCK_SKEW: 'The clock of this device is wrong',
  UNAUTHORIZED: 'You are no longer a member of this workspace',
  USER_CHANGED: 'Another account is signed in',
  CONFLICT: 'It was deleted too long ago',
  NOT_FOUND: 'The server does not know this kind of row',
  RATE_LIMITED: 'Too many edits at once',
  NETWORK_ERROR: 'The server cannot be reached',
  SERVER_ERROR: 'The server has a problem with it',
  UNKNOWN: 'Something between here and the server does not let it through',
  READ_ONLY: 'You may read here, but not write',
  FOREIGN_ORIGIN: 'The server does not accept edits from this address',
  UNSUPPORTED_PROTOCOL: 'Reload the page: the server was updated',
  SYNC_DISABLED: 'Sync is off',
  queue: 'Edits that are not saved on the server yet',
  failed: 'Not saved',
  pending: 'Waiting to be sent',
  empty: 'Everything is sent.',
  row: ({ tableName, pk }) => `${tableName} ${pk}`,
  put: 'Edit',
  delete: 'Delete',
  retry: 'Try again',
  retryAll: 'Try all again',
  discard: 'Discard',
  confirm: 'Discard this edit for good? The row becomes what the server has.',
  cancel: 'Keep it',
  save: 'Save to a file',
  more: count => `and ${count} more`,
  problem: message => `That did not work: ${message}`,
}
