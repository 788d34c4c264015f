/** Work that takes many turns of the event loop and may be left for another day. A store waits for its next slice before it closes. */
export class LongWork {
  /** The store is about to close: the next slice is the last. */
  isEnding = false
  readonly #underWay = new Set<Promise<void>>()

  /** @returns the same promise */
  add<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(() => {}, () => {}).finally(() => this.#underWay.delete(settled))
    this.#underWay.add(settled)
    return work
  }

  /** Resolves when nothing is under way any more, whatever came of it. */
  async end(): Promise<void> {
    this.isEnding = true
    await Promise.all(this.#underWay)
  }
}
