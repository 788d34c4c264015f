import type { ShallowRef } from 'vue'
import { useEventListener, useResizeObserver } from '@vueuse/core'

/** A list within this distance of its end counts as being at the end, in pixels. */
const NEAR = 48

/** Keeps a scrolling list at its end while the reader is there. When the reader has scrolled up, the list stays where it is. */
export function useStickToEnd(list: Readonly<ShallowRef<HTMLElement | null>>, content: Readonly<ShallowRef<HTMLElement | null>>) {
  const isAtEnd = ref(true)
  /** In the server's HTML the list is laid out from its end, so that it begins there without a script. There `scrollTop` is 0 at the end, and negative above. */
  const isReversed = ref(import.meta.server || useNuxtApp().isHydrating === true)

  function toEnd() {
    isAtEnd.value = true
    if (list.value) list.value.scrollTop = list.value.scrollHeight
  }

  const fromEnd = (element: HTMLElement) => isReversed.value ? -element.scrollTop : element.scrollHeight - element.scrollTop - element.clientHeight

  /** Call this before the list changes at its beginning: what the reader sees stays in its place. */
  function keepPlace() {
    const { value: element } = list
    if (!element) return
    const distance = fromEnd(element)
    void nextTick(() => { element.scrollTop = element.scrollHeight - element.clientHeight - distance })
  }

  onMounted(() => {
    if (!isReversed.value) return
    keepPlace()
    isReversed.value = false
  })
  useEventListener(list, 'scroll', () => { isAtEnd.value = fromEnd(list.value!) < NEAR }, { passive: true })
  // Sizes change when rows come or go, text wraps differently or a phone's keyboard opens.
  useResizeObserver([list, content], () => {
    if (isAtEnd.value) toEnd()
  })

  return { isAtEnd: readonly(isAtEnd), isReversed: readonly(isReversed), toEnd, keepPlace }
}
