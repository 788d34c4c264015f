/** One of the places for an event stream. */
export interface StreamSlot {
  /** Aborts when somebody else has it: the stream has to end. */
  readonly lost: AbortSignal
  release: () => void
}

/** How many event streams there may be at once. */
export interface StreamSlots {
  /** A place that is free now, else null. */
  take: () => Promise<StreamSlot | null>
}
