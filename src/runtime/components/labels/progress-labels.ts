/** The texts of `<SyncProgress>`. */
export interface SyncProgressLabels {
  /** During the first sync. */
  first: string
  /** During a later walk over all rows. */
  again: string
  /** How many rows have come. `count`: written for the locale. */
  rows: (count: string) => string
}

export const PROGRESS_LABELS: SyncProgressLabels = {
  first: 'Loading your data',
  again: 'Checking your data',
  rows: count => `${count} rows`,
}
