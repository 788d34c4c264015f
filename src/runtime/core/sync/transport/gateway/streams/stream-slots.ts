/** One of the places for an event stream. */
export interface StreamSlot {
  /** Aborts when another tab has taken the place. The stream has to end then. */
  readonly lost: AbortSignal
  release: () => void
}

/** Limits how many event streams there are at once. */
export interface StreamSlots {
  /** Takes a place. Null: none is free. */
  take: () => Promise<StreamSlot | null>
}
