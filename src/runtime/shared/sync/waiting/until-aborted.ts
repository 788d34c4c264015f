/** A request's outcome, or the signal's reason, whichever comes first: what does not answer must not hold up a stop. */
export async function untilAborted<T>(request: Promise<T>, signal: AbortSignal): Promise<T> {
  // Its failure after that is nobody's business any more.
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
