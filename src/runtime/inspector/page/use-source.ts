import { inject, onScopeDispose, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import type { InspectorSource } from '../source/inspector-source'

const SOURCE: InjectionKey<InspectorSource> = Symbol('or3-sync inspector source')
const SAY: InjectionKey<(text: string) => void> = Symbol('or3-sync inspector words')

export function provideSource(source: InspectorSource, say: (text: string) => void): void {
  provide(SOURCE, source)
  provide(SAY, say)
}

export function useSource(): InspectorSource {
  return inject(SOURCE)!
}

export interface Live<T> {
  value: Readonly<ShallowRef<T>>
  /** Whether it was read once: before that, nothing can be said of it. */
  isRead: Readonly<ShallowRef<boolean>>
  /** What the last read has thrown; null: it went well. */
  error: Readonly<ShallowRef<Error | null>>
  /** Reads again now, for example after what is read has changed. */
  refresh: () => void
}

/** What `read` answers, read again whenever something may have changed. One read at a time. */
export function useLive<T>(read: (source: InspectorSource) => Promise<T>, initial: T, source = useSource()): Live<T> {
  const value = shallowRef(initial)
  const error = shallowRef<Error | null>(null)
  const isRead = shallowRef(false)
  let isReading = false
  let isDue = false
  const refresh = () => {
    isDue = true
    if (!isReading) void run()
  }
  const run = async () => {
    isReading = true
    while (isDue) {
      isDue = false
      try {
        value.value = await read(source)
        error.value = null
        isRead.value = true
      }
      catch (thrown) { error.value = thrown as Error }
    }
    isReading = false
  }
  const stop = source.onChange(refresh)
  onScopeDispose(stop)
  refresh()
  return { value, error, isRead, refresh }
}

/** Runs something that a button does, and says how it went: `done`, or the error. */
export function useAction(): (action: () => Promise<unknown>, done: string) => Promise<boolean> {
  const say = inject(SAY)!
  return async (action, done) => {
    try {
      await action()
      say(done)
      return true
    }
    catch (error) {
      say(`It did not work: ${(error as Error).message}`)
      return false
    }
  }
}
