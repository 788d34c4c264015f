/** What somebody does to the server for a while, in a process of their own. */
export interface Attack {
  /** Before anything is measured. */
  prepare?: (port: number) => Promise<void>
  /** Goes on until `signal` is aborted. */
  run: (port: number, signal: AbortSignal) => Promise<void>
}

/** Does the same in so many lanes, in each as soon as it is done, until the signal is aborted. */
export async function inLanes(lanes: number, signal: AbortSignal, work: (lane: number) => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    while (!signal.aborted) await work(lane)
  }))
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => signal.addEventListener('abort', () => resolve()))
}
