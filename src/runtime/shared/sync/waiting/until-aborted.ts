/** Settles like `request`, or rejects with the signal's reason if that aborts first. So a request without an answer does not delay a stop. */
export async function untilAborted<T>(request: Promise<T>, signal: AbortSignal): Promise<T> {
  // If the request fails after the abort, that must not be an unhandled rejection.
  request.catch(() => {})
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    stop = () => signal.removeEventListener('abort', onAbort)
  })
  try { return await Promise.race([request, aborted]) }
  finally { stop() }
}
