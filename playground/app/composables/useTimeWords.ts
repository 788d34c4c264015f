import { createSharedComposable, useNow } from '@vueuse/core'

const useHalfMinutes = createSharedComposable(() => useNow({ interval: 30_000 }))

/** `formatTime` that goes on: "now" becomes "1 min". */
export function useTimeWords(): (ms: number | undefined) => string {
  const now = useHalfMinutes()
  // What was written since the last tick is from now, not from the future.
  return ms => formatTime(ms, Math.max(now.value.getTime(), ms ?? 0))
}
