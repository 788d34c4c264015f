/** What can be wrong with a history. G0 to G1c are Adya's names. */
export type AnomalyKind
  /** Transactions overwrote each other in a circle. */
  = 'G0'
  /** Somebody read a revision that no committed transaction wrote. */
    | 'G1a'
  /** Somebody read a revision that its own transaction had overwritten. */
    | 'G1b'
  /** A circle of transactions that read from each other or overwrote each other. */
    | 'G1c'
  /** A reader saw a transaction in part. */
    | 'fractured read'
    | 'read your writes'
    | 'monotonic reads'
  /** A reader saw an edit of a device, but not an edit that this device had made before. */
    | 'monotonic writes'
  /** A reader saw an edit of a device, but not what this device had read before. */
    | 'writes follow reads'
  /** The same over several devices. */
    | 'causal order'

/** One thing that is wrong, with the fewest transactions that show it. */
export interface Anomaly {
  kind: AnomalyKind
  /** When it was seen, in milliseconds. */
  at: number
  /** Who saw it. `the store` for what the store did. */
  session: string
  /** Who read and wrote what and when, in one sentence or two. */
  text: string
  /** The transactions of the witness, as `<session> #<number>`. The reader comes first. */
  transactions: string[]
  /** The records of the witness. */
  records: string[]
}
