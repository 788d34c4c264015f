import { POLL_HIDDEN_FACTOR } from '../../../../../shared/sync/protocol/limits'

/** Waits between two polls. It waits longer in a hidden tab, and ends when the tab becomes visible or the signal aborts. */
export async function pollPause(ms: number, signal: AbortSignal): Promise<void> {
  const page = typeof document === 'undefined' ? null : document
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      page?.removeEventListener('visibilitychange', onVisible)
      resolve()
    }
    const onVisible = () => { if (page!.visibilityState !== 'hidden') end() }
    const timer = setTimeout(end, page?.visibilityState === 'hidden' ? ms * POLL_HIDDEN_FACTOR : ms)
    signal.addEventListener('abort', end)
    page?.addEventListener('visibilitychange', onVisible)
    if (signal.aborted) end()
  })
}
