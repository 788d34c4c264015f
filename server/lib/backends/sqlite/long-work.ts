/**
 * Keeps track of work that takes many turns of the event loop, such as garbage collection. A store that closes waits for the current slice
 * only; the rest is done another time.
 */
export class LongWork {
  /** True: the store is about to close, so the current slice must be the last. */
  isEnding = false
  readonly #underWay = new Set<Promise<void>>()

  /** @returns the same promise */
  add<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(() => {}, () => {}).finally(() => this.#underWay.delete(settled))
    this.#underWay.add(settled)
    return work
  }

  /** Resolves when all work has ended or failed. */
  async end(): Promise<void> {
    this.isEnding = true
    await Promise.all(this.#underWay)
  }
}
