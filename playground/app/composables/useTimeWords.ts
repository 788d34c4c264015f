import { createSharedComposable, useNow } from '@vueuse/core'

const useHalfMinutes = createSharedComposable(() => useNow({ interval: 30_000 }))

/** A reactive `formatTime`: as time goes on, "now" becomes "1 min". */
export function useTimeWords(): (ms: number | undefined) => string {
  const now = useHalfMinutes()
  // A row written since the last tick must not count as one from the future.
  return ms => formatTime(ms, Math.max(now.value.getTime(), ms ?? 0))
}
