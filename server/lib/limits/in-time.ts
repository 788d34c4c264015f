export interface TimeLimit {
  /** Milliseconds. */
  ms: number
  /** What is thrown when they are over. */
  late: () => Error
  /** Whoever waits has gone: its reason is thrown at once. */
  signal?: AbortSignal
}

/**
 * What comes of work that the gateway cannot stop, such as a hook of the app, if it comes in time. What comes later, a failure too, is
 * ignored.
 */
export async function inTime<T>(work: Promise<T>, { ms, late, signal }: TimeLimit): Promise<T> {
  let stop = () => {}
  const over = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(late()), ms)
    timer.unref()
    const leave = () => reject(signal!.reason as Error)
    signal?.addEventListener('abort', leave)
    if (signal?.aborted) leave()
    stop = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', leave)
    }
  })
  try { return await Promise.race([work, over]) }
  finally { stop() }
}
