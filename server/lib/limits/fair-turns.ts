/**
 * Divides the one thread among users. Work is done in pieces, and before each piece its user waits for a turn. If nobody else waits and the
 * current slice of time is not used up, the turn comes at once. Otherwise it comes after a turn of the event loop, and users whose last turn
 * is longest ago come first.
 */
export class FairTurns {
  /** Users who wait and have had no turn lately, in the order of coming. */
  readonly #fresh = new Map<string, (() => void)[]>()
  /** Users who have had a turn while others waited, the latest last. Some of them wait again. */
  readonly #served = new Map<string, (() => void)[]>()
  #waiting = 0
  #startedAt = 0
  #isScheduled = false

  /** @param sliceMs Milliseconds of work after which others get a turn. */
  constructor(private readonly sliceMs: number) {}

  /** Resolves when it is this user's turn. */
  async take(userId: string): Promise<void> {
    if (!this.#isScheduled) this.#beginSlice()
    if (this.#waiting > 0 || this.#isUsedUp()) await this.#standInLine(userId)
  }

  /** Call it in the middle of work: if the slice is used up, others get their turn first. */
  async pause(userId: string): Promise<void> {
    if (!this.#isScheduled || this.#isUsedUp()) await this.#standInLine(userId)
  }

  #standInLine(userId: string): Promise<void> {
    if (!this.#isScheduled) this.#beginSlice()
    this.#waiting++
    return new Promise((resolve) => { this.#lineOf(userId).push(resolve) })
  }

  #beginSlice(): void {
    this.#startedAt = performance.now()
    this.#isScheduled = true
    setImmediate(() => void this.#serve())
  }

  #isUsedUp(): boolean {
    return performance.now() - this.#startedAt >= this.sliceMs
  }

  /** Lets in one after the other until the slice is used up. Before the next is let in, the work of the last is done or waits for something. */
  async #serve(): Promise<void> {
    this.#isScheduled = false
    if (this.#waiting === 0) return this.#served.clear()
    this.#beginSlice()
    while (this.#waiting > 0 && !this.#isUsedUp()) {
      this.#next()?.()
      await settled()
    }
  }

  #next(): (() => void) | undefined {
    const [userId, line] = this.#firstWaiting()!
    const admit = line.shift()
    this.#waiting--
    this.#fresh.delete(userId)
    this.#served.delete(userId)
    this.#served.set(userId, line)
    return admit
  }

  #firstWaiting(): [string, (() => void)[]] | undefined {
    for (const entry of this.#fresh) return entry
    for (const entry of this.#served) {
      if (entry[1].length > 0) return entry
      // This user's turn is longest ago, and nothing of theirs waits. So their next work counts as fresh.
      this.#served.delete(entry[0])
    }
    return undefined
  }

  #lineOf(userId: string): (() => void)[] {
    const line = this.#served.get(userId) ?? this.#fresh.get(userId)
    if (line) return line
    const made: (() => void)[] = []
    this.#fresh.set(userId, made)
    return made
  }
}

/** Resolves when no microtask is left. It takes two ticks: the first one after a task comes before its microtasks. */
async function settled(): Promise<void> {
  await new Promise<void>(resolve => process.nextTick(resolve))
  await new Promise<void>(resolve => process.nextTick(resolve))
}
