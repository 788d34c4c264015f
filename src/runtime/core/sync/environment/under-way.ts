/** Work that goes on beside its caller, so that a stop can wait for it. */
export class UnderWay {
  readonly #work = new Set<Promise<unknown>>()

  add<T>(work: Promise<T>): Promise<T> {
    const done = () => { this.#work.delete(work) }
    this.#work.add(work)
    work.then(done, done)
    return work
  }

  /** Resolves when none is left, whatever came of it. */
  async settled(): Promise<void> {
    while (this.#work.size) await Promise.allSettled(this.#work)
  }
}
