import { customRef, nextTick, type ShallowRef } from 'vue'

export interface ReportedError {
  /** What was thrown last; null: nothing, or it went well since. */
  readonly ref: Readonly<ShallowRef<Error | null>>
  set: (error: unknown) => void
  clear: () => void
}

/**
 * An error for whoever reads it. As long as nobody has, each one is reported as the browser reports what nobody catches: on the console,
 * and by the window's event `error`.
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
      // Typed as what nearly everybody throws; it is handed on as it is.
      change(error as Error)
      // A template that shows errors only once nothing loads reads it with the next flush.
      void nextTick(() => {
        // As a method of anything else, browsers refuse it.
        if (!wasRead) globalThis.reportError(error)
      })
    },
    clear: () => change(null),
  }
}
