import type { Timers } from './timers'
import { untilAborted } from './until-aborted'

export interface TimeLimit<Late> {
  /** Milliseconds. */
  ms: number
  timers: Timers
  /** Called when the time is over. `inTime` then returns what this returns, or throws what it throws. */
  late: () => Late
  /** If it aborts, its reason is thrown at once. */
  signal?: AbortSignal
}

/** Waits for work, but no longer than `ms`. The work itself goes on after that; its result, or its failure, is then ignored. */
export async function inTime<T, Late>(work: Promise<T>, { ms, timers, late, signal }: TimeLimit<Late>): Promise<T | Late> {
  let timer: unknown
  const over = new Promise<void>((resolve) => { timer = timers.setTimeout(resolve, ms) }).then(late)
  try { return await Promise.race([signal ? untilAborted(work, signal) : work, over]) }
  finally { timers.clearTimeout(timer) }
}
