/** The timer functions to use: real ones, or a test's. */
export interface Timers {
  setTimeout: (callback: () => void, ms: number) => unknown
  clearTimeout: (handle: unknown) => void
}

export const realTimers: Timers = {
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: handle => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** Real timers that do not keep a Node process alive. */
export const looseTimers: Timers = {
  ...realTimers,
  setTimeout: (callback, ms) => {
    const timer = setTimeout(callback, ms) as unknown as { unref?: () => void }
    timer.unref?.()
    return timer
  },
}
