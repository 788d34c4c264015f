import { customRef, nextTick, type ShallowRef } from 'vue'

export interface ReportedError {
  /** The last error. Null: there was none, or the last run succeeded. */
  readonly ref: Readonly<ShallowRef<Error | null>>
  set: (error: unknown) => void
  clear: () => void
}

/**
 * Holds an error as a ref. Until somebody reads that ref, each error is also reported like an uncaught one: on the console and by the
 * window's `error` event.
 */
export function createReportedError(): ReportedError {
  let current: Error | null = null
  let wasRead = false
  let changed = () => {}
  const ref = customRef<Error | null>((track, trigger) => {
    changed = trigger
    return {
      get() {
        wasRead = true
        track()
        return current
      },
      set() {},
    }
  })
  const change = (error: Error | null) => {
    if (error === current) return
    current = error
    changed()
  }
  return {
    ref,
    set(error) {
      // Whatever was thrown is handed on as it is; the type says what nearly everybody throws.
      change(error as Error)
      // Wait for the next render: a template may read the error only once `loading` is false.
      void nextTick(() => {
        // Must be called on `globalThis`: browsers throw "Illegal invocation" otherwise.
        if (!wasRead) globalThis.reportError(error)
      })
    },
    clear: () => change(null),
  }
}
