export interface AllowanceWait {
  /** Gives the place in line up once it is aborted. Asked for only where there is a line to stand in. */
  signal?: () => AbortSignal
  /** Milliseconds to stand in line at most. Default: for ever. */
  waitMs?: number
}

interface Waiter {
  amount: number
  admit: () => void
}

/**
 * So much of something may be held at a time: bytes, or pieces of work. Whoever finds no room waits in line.
 * What is larger than the whole allowance is let in alone.
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

  /** @returns whether it is held now; false: the wait ended first. */
  async take(amount: number, wait: AllowanceWait = {}): Promise<boolean> {
    if (this.#line.size > 0 || !this.#hasRoom(amount)) return await this.#standInLine(amount, wait)
    this.held += amount
    return true
  }

  /** Counts what is there already, whether there is room or not. */
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
        // Whoever stood behind may be smaller.
        this.give(0)
      }
      const timer = waitMs === undefined ? undefined : setTimeout(giveUp, waitMs)
      signal?.addEventListener('abort', giveUp)
      this.#line.add(waiter)
    })
  }
}
