import { HookableCore } from 'hookable'
import type { ConflictRecord } from '../records/engine-records'
import type { PendingOp, SubscriptionStatus, SyncErrorCode, SyncScope } from '../../../shared/sync/protocol/types'
import { copyData } from '../../../shared/sync/rows/copy-data'
import type { SyncLogger } from '../environment/environment'

/** Every action of the engine with its payload. They are called after the transaction that they report has committed. */
export interface SyncActions {
  'sync.op:action:captured': { op: PendingOp }
  'sync.capture:action:failed': { tableName: string, pk: string | null, error: Error }
  'sync.push:action:before': { scope: SyncScope, count: number }
  'sync.push:action:after': { scope: SyncScope, successCount: number, failCount: number }
  'sync.push:action:split': { scope: SyncScope, ops: number, parts: number }
  'sync.retry:action': { op: PendingOp, attempt: number, nextAttemptAt: number }
  'sync.queue:action:full': { pendingCount: number }
  'sync.error:action': { op?: PendingOp, error: Error, code: SyncErrorCode, permanent: boolean }
  'sync.pull:action:received': { scope: SyncScope, changeCount: number }
  'sync.pull:action:applied': { scope: SyncScope, applied: number, skipped: number, conflicts: number }
  'sync.pull:action:error': { scope: SyncScope, error: Error }
  'sync.conflict:action:detected': Pick<ConflictRecord, 'tableName' | 'pk' | 'local' | 'remote' | 'winner'>
  'sync.bootstrap:action:start': { scope: SyncScope }
  'sync.bootstrap:action:progress': { scope: SyncScope, cursor: number, pulledCount: number, hasMore: boolean }
  'sync.bootstrap:action:complete': { scope: SyncScope, cursor: number, totalPulled: number, elapsedMs: number }
  'sync.bootstrap:action:error': { scope: SyncScope, error: Error }
  'sync.rescan:action:starting': { scope: SyncScope, reason: string }
  'sync.rescan:action:progress': { scope: SyncScope, progress: number }
  'sync.rescan:action:completed': { scope: SyncScope }
  'sync.subscription:action:statusChange': { scope: SyncScope, previousStatus: SubscriptionStatus, status: SubscriptionStatus }
  'sync.subscription:action:maxRetriesExceeded': { scope: SyncScope, attempts: number }
  'sync.gc:action:completed': Record<string, number>
}

/** Every filter of the engine with its value. Each listener may add to the value. */
export interface SyncFilters {
  /** Names of `kv` rows that stay on the device. Listeners may add, never remove. */
  'sync.kv:blocklist': string[]
}

export type ActionListener<K extends keyof SyncActions> = (payload: SyncActions[K]) => void | Promise<void>
/** Returns the value with its additions. It must not return a promise. */
export type FilterListener<K extends keyof SyncFilters> = (value: SyncFilters[K]) => SyncFilters[K]

export interface SyncHooks {
  /** @returns a function that removes the listener. */
  addAction: <K extends keyof SyncActions>(name: K, listener: ActionListener<K>) => () => void
  removeAction: <K extends keyof SyncActions>(name: K, listener: ActionListener<K>) => void
  /** Calls the listeners, each with its own copy of the payload. An error of a listener is logged and never stops sync. */
  doAction: <K extends keyof SyncActions>(name: K, payload: SyncActions[K]) => void
  addFilter: <K extends keyof SyncFilters>(name: K, listener: FilterListener<K>) => () => void
  removeFilter: <K extends keyof SyncFilters>(name: K, listener: FilterListener<K>) => void
  /** Calls all listeners. @throws the error of the first one that failed: without its additions the value is not complete. */
  applyFilters: <K extends keyof SyncFilters>(name: K, value: SyncFilters[K]) => SyncFilters[K]
  /** Whether an action has listeners. If not, its payload need not be built. */
  hasAction: (name: keyof SyncActions) => boolean
}

/**
 * Calls a listener of the blocklist. It may add names, but not remove any: neither the engine's nor another plugin's. It may return names, or push
 * them to the array that it gets, which is a copy.
 */
function addNames(before: readonly string[], listener: (names: string[]) => unknown): string[] {
  const copy = [...before]
  return [...new Set([...before, ...namesIn(listener(copy)), ...namesIn(copy)])]
}

/** The names in a listener's return value. @throws TypeError for a value without names: then nobody knows which rows the listener wants to keep here. */
function namesIn(returned: unknown): string[] {
  if (returned === undefined) return []
  if (typeof returned === 'string') return [returned]
  const names = isIterable(returned) ? [...returned] : [returned]
  if (names.every(name => typeof name === 'string')) return names
  // Not `instanceof Promise`: within a transaction Dexie replaces the global `Promise`.
  const promise = returned as PromiseLike<unknown> | null
  if (typeof promise?.then !== 'function') throw new TypeError('it returned something else instead of a list of names')
  // Its rejection must not be an unhandled one.
  promise.then(null, () => {})
  throw new TypeError('it returned a promise instead of a list of names')
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Iterable<unknown> | null)?.[Symbol.iterator] === 'function'
}

type AnyListener = (value: never) => unknown

/** One run of a filter: the value so far, and the error of the first listener that failed. */
interface FilterRun { value: unknown, failure?: { error: unknown } }

/** Makes the engine's hooks, with the package `hookable`. */
export function createSyncHooks(log: SyncLogger): SyncHooks {
  const hooks = new HookableCore<Record<string, (value: unknown) => void>>()
  /** By name of the hook: each listener, with the function that removes it. */
  const listeners = new Map<string, Map<AnyListener, () => void>>()

  const add = (name: string, listener: AnyListener, call: (value: unknown) => unknown) => {
    remove(name, listener)
    const report = (error: unknown) => log.error(`A listener of ${name} threw`, error)
    const unhook = hooks.hook(name, (value) => {
      try {
        const result = call(value)
        // Not `instanceof Promise`: Dexie has its own class.
        if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') Promise.resolve(result).catch(report)
      }
      catch (error) { report(error) }
    })
    const known = listeners.get(name) ?? new Map<AnyListener, () => void>()
    listeners.set(name, known.set(listener, unhook))
    return () => { if (listeners.get(name)?.get(listener) === unhook) remove(name, listener) }
  }
  const remove = (name: string, listener: AnyListener) => {
    listeners.get(name)?.get(listener)?.()
    listeners.get(name)?.delete(listener)
  }
  const hasListeners = (name: string) => (listeners.get(name)?.size ?? 0) > 0

  return {
    addAction: (name, listener) => add(name, listener as AnyListener, value => (listener as (value: unknown) => unknown)(copyData(value))),
    removeAction: (name, listener) => remove(name, listener as AnyListener),
    doAction(name, payload) {
      if (hasListeners(name)) void hooks.callHook(name, payload)
    },
    addFilter: (name, listener) => add(name, listener as AnyListener, (run) => {
      const current = run as FilterRun
      try { current.value = addNames(current.value as string[], listener) }
      catch (error) {
        current.failure ??= { error }
        throw error
      }
    }),
    removeFilter: (name, listener) => remove(name, listener as AnyListener),
    applyFilters(name, value) {
      const run: FilterRun = { value }
      if (hasListeners(name)) void hooks.callHook(name, run)
      if (run.failure) throw run.failure.error
      return run.value as typeof value
    },
    hasAction: hasListeners,
  }
}
