import type { RowName } from './queue-labels'

/** The texts of `<SyncConflicts>`. */
export interface SyncConflictsLabels {
  /** The accessible name of the whole. */
  conflicts: string
  /** When there are none. */
  empty: string
  /** How a row is called. Default: its table and key. */
  row: (row: RowName) => string
  field: string
  /** The version of this device, and that of another one. */
  mine: string
  theirs: string
  /** Marks the version that the app shows now. */
  current: string
  /** In place of a version that is a delete. */
  deleted: string
  /** In place of a value that is not there. */
  none: string
  keepMine: string
  keepTheirs: string
  /** An action of the user has failed. `message` is the error's. */
  problem: (message: string) => string
}

export const CONFLICTS_LABELS: SyncConflictsLabels = {
  conflicts: 'Edits that were made at the same time',
  empty: 'No two edits have met.',
  row: ({ tableName, pk }) => `${tableName} ${pk}`,
  field: 'Field',
  mine: 'Mine',
  theirs: 'Theirs',
  current: 'shown now',
  deleted: 'Deleted',
  none: 'none',
  keepMine: 'Keep mine',
  keepTheirs: 'Keep theirs',
  problem: message => `That did not work: ${message}`,
}
