/** What is to go wrong next, each so many times. */
export class Faults {
  #conflicts = 0
  #lostReplies = 0
  /** New sockets are refused while set. */
  refusing = false

  /** Mutations that find the data they read changed by others, more often than Convex retries: nothing is written. */
  conflict(times: number): void {
    this.#conflicts += times
  }

  /** Mutations that commit, and whose connection breaks before the reply. */
  loseReply(times: number): void {
    this.#lostReplies += times
  }

  takeConflict(): boolean {
    return this.#conflicts > 0 && this.#conflicts-- > 0
  }

  takeLostReply(): boolean {
    return this.#lostReplies > 0 && this.#lostReplies-- > 0
  }
}
