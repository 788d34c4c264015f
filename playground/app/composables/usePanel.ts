import { useEventListener } from '@vueuse/core'

/**
 * Something that opens below a button: a menu, or a panel. It closes with Escape, and when the focus or a click goes elsewhere. `root` holds both;
 * `kind` is what a screen reader calls it. Call it in `setup`.
 */
export function usePanel(root: Readonly<Ref<HTMLElement | null>>, kind: 'menu' | 'dialog') {
  const open = ref(false)
  const id = useId()
  const isElsewhere = (event: Event) => !event.composedPath().includes(root.value!)

  function close() {
    if (!open.value) return
    const hadFocus = root.value?.contains(document.activeElement)
    open.value = false
    if (hadFocus) root.value?.querySelector<HTMLElement>(`[aria-controls="${id}"]`)?.focus()
  }

  if (import.meta.client) {
    useEventListener(document, 'pointerdown', (event) => { if (open.value && isElsewhere(event)) open.value = false })
    useEventListener(document, 'focusin', (event) => { if (open.value && isElsewhere(event)) open.value = false })
    useEventListener(root, 'keydown', (event) => { if (event.key === 'Escape') close() })
  }
  return {
    open,
    id,
    close,
    /** For the button. */
    trigger: computed(() => ({ 'aria-haspopup': kind, 'aria-expanded': open.value, 'aria-controls': id, 'onClick': () => { open.value = !open.value } })),
  }
}
