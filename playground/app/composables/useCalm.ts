/** A state that lasts shorter than this is not shown, in milliseconds. */
const CALM_MS = 700

/** Follows a value, but passes over values that are `brief` and are gone again soon, so that nothing blinks. */
export function useCalm<T>(value: () => T, brief: (value: T) => boolean): Readonly<Ref<T>> {
  const shown = shallowRef(value())
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(value, (now) => {
    clearTimeout(timer)
    if (!brief(now)) shown.value = now
    else timer = setTimeout(() => { shown.value = now }, CALM_MS)
  }, { flush: 'sync' })
  onScopeDispose(() => clearTimeout(timer))
  return shown
}
