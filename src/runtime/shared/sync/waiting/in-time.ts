import type { Timers } from './timers'
import { untilAborted } from './until-aborted'

export interface TimeLimit<Late> {
  /** Milliseconds. */
  ms: number
  timers: Timers
  /** What comes of it when they are over: what this returns, or what it throws. */
  late: () => Late
  /** Nobody waits any more once it has aborted: its reason is thrown at once. */
  signal?: AbortSignal
}

/** What comes of work that cannot be stopped, if it comes in time. What comes later, a failure too, is ignored. */
export async function inTime<T, Late>(work: Promise<T>, { ms, timers, late, signal }: TimeLimit<Late>): Promise<T | Late> {
  let timer: unknown
  const over = new Promise<void>((resolve) => { timer = timers.setTimeout(resolve, ms) }).then(late)
  try { return await Promise.race([signal ? untilAborted(work, signal) : work, over]) }
  finally { timers.clearTimeout(timer) }
}
