import type { ShallowRef } from 'vue'
import { useEventListener, useResizeObserver } from '@vueuse/core'

/** A list within this distance of its end counts as being at the end, in pixels. */
const NEAR = 48

/** Keeps a scrolling list at its end while the reader is there. When the reader has scrolled up, the list stays where it is. */
export function useStickToEnd(list: Readonly<ShallowRef<HTMLElement | null>>, content: Readonly<ShallowRef<HTMLElement | null>>) {
  const isAtEnd = ref(true)

  function toEnd() {
    isAtEnd.value = true
    if (list.value) list.value.scrollTop = list.value.scrollHeight
  }

  useEventListener(list, 'scroll', () => {
    const { scrollHeight, scrollTop, clientHeight } = list.value!
    isAtEnd.value = scrollHeight - scrollTop - clientHeight < NEAR
  }, { passive: true })
  // Sizes change when rows come or go, text wraps differently or a phone's keyboard opens.
  useResizeObserver([list, content], () => {
    if (isAtEnd.value) toEnd()
  })

  return { isAtEnd: readonly(isAtEnd), toEnd }
}
