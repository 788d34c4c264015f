/** The texts of `<SyncBoundary>` without a slot `fallback`. */
export interface SyncBoundaryLabels {
  loading: string
  /** The server cannot be reached, and nothing is here. */
  offline: string
  /** Sync is in trouble, and nothing is here. */
  error: string
}

export const BOUNDARY_LABELS: SyncBoundaryLabels = {
  loading: 'Loading',
  offline: 'Nothing is here yet: the server cannot be reached.',
  error: 'Nothing is here yet: sync has a problem and will try again.',
}
