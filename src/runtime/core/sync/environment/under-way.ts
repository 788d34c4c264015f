/** Keeps track of promises that nobody awaits, so that a stop can wait until they are settled. */
export class UnderWay {
  readonly #work = new Set<Promise<unknown>>()

  add<T>(work: Promise<T>): Promise<T> {
    const done = () => { this.#work.delete(work) }
    this.#work.add(work)
    work.then(done, done)
    return work
  }

  /** Resolves when all are settled, also those that are added meanwhile. Never rejects. */
  async settled(): Promise<void> {
    while (this.#work.size) await Promise.allSettled(this.#work)
  }
}
