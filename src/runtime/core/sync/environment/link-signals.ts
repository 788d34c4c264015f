/** A new `AbortSignal` that also aborts when one of several others does. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  abort: (reason?: unknown) => void
  /** Removes the listeners from the other signals, and the timer. Otherwise a long-lived signal would keep every linked one in memory. */
  release: () => void
}

export interface LinkSignalsOptions {
  /** Milliseconds after which it aborts by itself. Default: never. */
  timeoutMs?: number
  /** Makes the reason with which it then aborts. Default: a `TimeoutError`, after which the next batch is smaller. */
  late?: () => unknown
}

const tookTooLong = () => new DOMException('it took too long', 'TimeoutError')

/** Does what `AbortSignal.any` and `AbortSignal.timeout` do, which the oldest supported browsers lack. Call `release` when it is not needed any more. */
export function linkSignals(others: readonly (AbortSignal | undefined)[], { timeoutMs, late = tookTooLong }: LinkSignalsOptions = {}): LinkedSignal {
  const own = new AbortController()
  const parents = others.filter(other => other !== undefined)
  const onAbort = ({ target }: Pick<Event, 'target'>) => abort((target as AbortSignal).reason)
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => abort(late()), timeoutMs)
  const release = () => {
    clearTimeout(timer)
    for (const parent of parents) parent.removeEventListener('abort', onAbort)
  }
  const abort = (reason?: unknown) => {
    release()
    own.abort(reason)
  }
  for (const parent of parents) parent.addEventListener('abort', onAbort)
  const aborted = parents.find(parent => parent.aborted)
  if (aborted) abort(aborted.reason)
  return { signal: own.signal, abort, release }
}
