import type { SyncClock } from '#or3-sync/core/sync/environment/environment'

const timers: Pick<SyncClock, 'setTimeout' | 'clearTimeout'> = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: handle => clearTimeout(handle as NodeJS.Timeout),
}

/** A clock that shows what it is told; its timers are the real ones. */
export function clockAt(now: () => number): SyncClock {
  return { now, ...timers }
}

/** A clock that runs `factor` times as fast, its timers included. */
export function fastClock(factor: number): SyncClock {
  const start = Date.now()
  return {
    now: () => start + (Date.now() - start) * factor,
    setTimeout: (run, ms) => timers.setTimeout(run, ms / factor),
    clearTimeout: timers.clearTimeout,
  }
}

/** A clock on which no time to wait ever ends. */
export function stoppedClock(): SyncClock {
  return { now: () => Date.now(), setTimeout: () => 0, clearTimeout: () => {} }
}

/** A clock that tells the time, on which waits are `factor` times as short. */
export function shortWaits(factor: number): SyncClock {
  return { ...clockAt(() => Date.now()), setTimeout: (run, ms) => timers.setTimeout(run, ms / factor) }
}

/** A clock that stands until it is moved, and runs no timer by itself. */
export class ManualClock implements SyncClock {
  #now = Date.now()
  readonly #timers = new Map<object, { at: number, run: () => void }>()

  readonly now = (): number => this.#now

  readonly setTimeout = (run: () => void, ms: number): unknown => {
    const handle = {}
    this.#timers.set(handle, { at: this.#now + ms, run })
    return handle
  }

  readonly clearTimeout = (handle: unknown): void => { this.#timers.delete(handle as object) }

  /** Time passes and no timer runs, as in a frozen page. */
  sleep(ms: number): void {
    this.#now += ms
  }

  /** Runs the one that is due for longest. @returns whether there was one. */
  runNext(): boolean {
    const [next] = [...this.#timers].filter(([, { at }]) => at <= this.#now).sort(([, a], [, b]) => a.at - b.at)
    if (!next) return false
    this.#timers.delete(next[0])
    next[1].run()
    return true
  }

  /** Time passes, and what comes due runs, each once. */
  advance(ms: number): void {
    this.sleep(ms)
    const due = [...this.#timers].filter(([, { at }]) => at <= this.#now).sort(([, a], [, b]) => a.at - b.at)
    for (const [handle, { run }] of due) if (this.#timers.delete(handle)) run()
  }
}
