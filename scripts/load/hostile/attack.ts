/** What an attacker does to the server for a while, in a process of its own. */
export interface Attack {
  /** Called before anything is measured. */
  prepare?: (port: number) => Promise<void>
  /** Runs until `signal` is aborted. */
  run: (port: number, signal: AbortSignal) => Promise<void>
}

/** Runs `work` in this many lanes at once, again and again in each, until the signal is aborted. */
export async function inLanes(lanes: number, signal: AbortSignal, work: (lane: number) => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    while (!signal.aborted) await work(lane)
  }))
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => signal.addEventListener('abort', () => resolve()))
}
