export interface Toast {
  id: number
  title: string
  icon: string
  color: 'neutral' | 'warning' | 'error'
  /** A button in it. The toast goes when it is pressed. */
  action?: { label: string, run: () => void }
}

/** How long a toast stays, in milliseconds. While the pointer or the focus is in it, it stays. */
export const TOAST_MS = 6_000

const toasts = shallowRef<readonly Toast[]>([])
let last = 0

/** Short messages at the edge of the page. In the browser only: on the server nothing is added. */
export function useToasts() {
  return {
    toasts,
    add(toast: Omit<Toast, 'id'>) {
      if (import.meta.client) toasts.value = [...toasts.value, { ...toast, id: ++last }]
    },
    remove(id: number) {
      toasts.value = toasts.value.filter(toast => toast.id !== id)
    },
  }
}
