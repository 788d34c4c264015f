import { shallowRef, type ShallowRef } from 'vue'
import { createReportedError } from './reported-error'

export type Outcome<T> = { kind: 'value', value: T } | { kind: 'error', error: unknown }

/** What `useLiveQuery` shows: the value, the error and whether it loads. */
export class LiveValue<T> {
  readonly value: ShallowRef<T | undefined>
  /** True until the query has succeeded or failed once. */
  readonly loading = shallowRef(true)
  readonly error = createReportedError()

  constructor(private readonly initial: T | undefined) {
    this.value = shallowRef(initial)
  }

  settle = (outcome: Outcome<T>): void => {
    this.loading.value = false
    if (outcome.kind === 'error') return this.error.set(outcome.error)
    this.error.clear()
    this.value.value = outcome.value
  }

  /** Shows `initial` again. */
  reset(): void {
    this.value.value = this.initial
  }

  /** As before the first result. */
  restart(): void {
    this.reset()
    this.loading.value = true
  }
}
