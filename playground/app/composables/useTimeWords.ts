import { createSharedComposable, useNow } from '@vueuse/core'

const useHalfMinutes = createSharedComposable(() => useNow({ interval: 30_000 }))

/** A reactive `formatTime`: as time goes on, "now" becomes "1 min". */
export function useTimeWords(): (ms: number | undefined) => string {
  const now = useHalfMinutes()
  // Until it is mounted, a component that hydrates must write what the server has written.
  const renderedAt = useState('rendered-at', () => Date.now())
  const isFirst = ref(import.meta.server || useNuxtApp().isHydrating === true)
  onMounted(() => { isFirst.value = false })
  // A row written since the last tick must not count as one from the future.
  return ms => formatTime(ms, Math.max(isFirst.value ? renderedAt.value : now.value.getTime(), ms ?? 0))
}
