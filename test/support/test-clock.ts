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
