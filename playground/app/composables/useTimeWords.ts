import { createSharedComposable, useNow } from '@vueuse/core'

const useHalfMinutes = createSharedComposable(() => useNow({ interval: 30_000 }))

/** A reactive `formatTime`: as time goes on, "now" becomes "1 min". */
export function useTimeWords(): (ms: number | undefined) => string {
  const now = useRenderedNow()
  // A row written since the last tick must not count as one from the future.
  return ms => formatTime(ms, Math.max(now.value, ms ?? 0))
}

/** The time now, to the half minute. Until it is mounted, a component that hydrates has the time at which the server rendered. */
export function useRenderedNow(): Readonly<Ref<number>> {
  const now = useHalfMinutes()
  const renderedAt = useState('rendered-at', () => Date.now())
  const isFirst = ref(import.meta.server || useNuxtApp().isHydrating === true)
  onMounted(() => { isFirst.value = false })
  return computed(() => isFirst.value ? renderedAt.value : now.value.getTime())
}
