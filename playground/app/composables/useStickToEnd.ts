import type { ShallowRef } from 'vue'
import { useEventListener, useResizeObserver } from '@vueuse/core'

/** So near counts as being there, in pixels. */
const NEAR = 48

/** Keeps a list that scrolls at its end while the reader is there. Who has scrolled up stays at what they read. */
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
  // Rows come and go, texts wrap anew, a phone's keyboard opens.
  useResizeObserver([list, content], () => {
    if (isAtEnd.value) toEnd()
  })

  return { isAtEnd: readonly(isAtEnd), toEnd }
}
