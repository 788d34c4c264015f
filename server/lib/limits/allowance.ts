export interface AllowanceWait {
  /** When it aborts, the caller leaves the line. Called only if there is a need to wait. */
  signal?: () => AbortSignal
  /** Milliseconds to wait at most. Default: no limit. */
  waitMs?: number
}

interface Waiter {
  amount: number
  admit: () => void
}

/**
 * Limits how much may be held at a time: bytes, or pieces of work. Callers for whom there is no room wait in line. An amount above the limit
 * is let in when nothing else is held.
 */
export class Allowance {
  held = 0
  readonly #line = new Set<Waiter>()

  constructor(private readonly limit: number) {}

  get waiting(): number {
    return this.#line.size
  }

  get isIdle(): boolean {
    return this.held === 0 && this.#line.size === 0
  }

  /** @returns true: it is held now; false: the wait ended first */
  async take(amount: number, wait: AllowanceWait = {}): Promise<boolean> {
    if (this.#line.size > 0 || !this.#hasRoom(amount)) return await this.#standInLine(amount, wait)
    this.held += amount
    return true
  }

  /** Counts what is already there, with or without room. */
  add(amount: number): void {
    this.held += amount
  }

  give(amount: number): void {
    this.held -= amount
    for (const waiter of this.#line) {
      if (!this.#hasRoom(waiter.amount)) return
      this.#line.delete(waiter)
      this.held += waiter.amount
      waiter.admit()
    }
  }

  #hasRoom(amount: number): boolean {
    return this.held === 0 || this.held + amount <= this.limit
  }

  #standInLine(amount: number, wait: AllowanceWait): Promise<boolean> {
    const { waitMs } = wait
    const signal = wait.signal?.()
    if (signal?.aborted || waitMs === 0) return Promise.resolve(false)
    return new Promise((resolve) => {
      const leave = (admitted: boolean) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
        resolve(admitted)
      }
      const waiter: Waiter = { amount, admit: () => leave(true) }
      const giveUp = () => {
        if (!this.#line.delete(waiter)) return
        leave(false)
        // The next in line may need less.
        this.give(0)
      }
      const timer = waitMs === undefined ? undefined : setTimeout(giveUp, waitMs)
      signal?.addEventListener('abort', giveUp)
      this.#line.add(waiter)
    })
  }
}
