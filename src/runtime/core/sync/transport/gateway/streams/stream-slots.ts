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

/** HTTP/1.1 gives a browser six connections to an origin. An open stream takes one; the others are for pages and requests. */
export const STREAM_SLOTS = 2
