/** A signal of its own that also aborts with others. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  abort: (reason?: unknown) => void
  /** Lets go of the other signals and of the timer. Long-lived signals would keep every short-lived one otherwise. */
  release: () => void
}

export interface LinkSignalsOptions {
  /** It also aborts after so many milliseconds. Default: never. */
  timeoutMs?: number
  /** The reason that it then has. Default: a `TimeoutError`, by which batches become smaller. */
  late?: () => unknown
}

const tookTooLong = () => new DOMException('it took too long', 'TimeoutError')

/** `AbortSignal.any` and `AbortSignal.timeout`, which the oldest browsers that this runs in do not have. Release it when it has served. */
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
