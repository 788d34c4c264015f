import { HookableCore } from 'hookable'
import type { ConflictRecord } from '../records/engine-records'
import type { PendingOp, SubscriptionStatus, SyncErrorCode, SyncScope } from '../../../shared/sync/protocol/types'
import { copyData } from '../../../shared/sync/rows/copy-data'
import type { SyncLogger } from '../environment/environment'

/** Every hook of the engine with its payload. All fire after the transaction they speak of has committed. */
export interface SyncActions {
  'sync.op:action:captured': { op: PendingOp }
  'sync.capture:action:failed': { tableName: string, pk: string | null, error: Error }
  'sync.push:action:before': { scope: SyncScope, count: number }
  'sync.push:action:after': { scope: SyncScope, successCount: number, failCount: number }
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

/** Filters hand a value through their listeners, each of which may add to it. */
export interface SyncFilters {
  /** Names of `kv` rows that stay on the device. Listeners may add, never remove. */
  'sync.kv:blocklist': string[]
}

export type ActionListener<K extends keyof SyncActions> = (payload: SyncActions[K]) => void | Promise<void>
/** Returns the value with what it adds. It must be synchronous. */
export type FilterListener<K extends keyof SyncFilters> = (value: SyncFilters[K]) => SyncFilters[K]

export interface SyncHooks {
  /** @returns the removal of this listener. */
  addAction: <K extends keyof SyncActions>(name: K, listener: ActionListener<K>) => () => void
  removeAction: <K extends keyof SyncActions>(name: K, listener: ActionListener<K>) => void
  /** Calls the listeners, each with a copy of its own. One that throws is logged and never breaks sync. */
  doAction: <K extends keyof SyncActions>(name: K, payload: SyncActions[K]) => void
  addFilter: <K extends keyof SyncFilters>(name: K, listener: FilterListener<K>) => () => void
  removeFilter: <K extends keyof SyncFilters>(name: K, listener: FilterListener<K>) => void
  /** @throws what the first listener threw, once all were called: what it would have added is not known. */
  applyFilters: <K extends keyof SyncFilters>(name: K, value: SyncFilters[K]) => SyncFilters[K]
  /** Whether an action has listeners: spares building a payload nobody reads. */
  hasAction: (name: keyof SyncActions) => boolean
}

/**
 * A listener may add names, never remove one that was there: neither ours nor another plugin's. It is handed a copy; what it adds to that
 * counts like what it returns.
 */
function addNames(before: readonly string[], listener: (names: string[]) => unknown): string[] {
  const handed = [...before]
  return [...new Set([...before, ...namesIn(listener(handed)), ...namesIn(handed)])]
}

/** @throws TypeError for what says nothing of names: which rows it means to keep here cannot be known. */
function namesIn(returned: unknown): string[] {
  if (returned === undefined) return []
  if (typeof returned === 'string') return [returned]
  const names = isIterable(returned) ? [...returned] : [returned]
  if (names.every(name => typeof name === 'string')) return names
  // Within a transaction Dexie puts a class of its own in the place of `Promise`.
  const promise = returned as PromiseLike<unknown> | null
  if (typeof promise?.then !== 'function') throw new TypeError('it returned something else instead of a list of names')
  promise.then(null, () => {})
  throw new TypeError('it returned a promise instead of a list of names')
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Iterable<unknown> | null)?.[Symbol.iterator] === 'function'
}

type AnyListener = (value: never) => unknown

/** What a filter's listeners hand on from one to the next. */
interface Box { value: unknown, failure?: { error: unknown } }

/** The engine's hooks, on `hookable`. */
export function createSyncHooks(log: SyncLogger): SyncHooks {
  const hooks = new HookableCore<Record<string, (value: unknown) => void>>()
  /** By name, each listener with the removal of its guarded form. */
  const listeners = new Map<string, Map<AnyListener, () => void>>()

  const add = (name: string, listener: AnyListener, call: (value: unknown) => unknown) => {
    remove(name, listener)
    const report = (error: unknown) => log.error(`A listener of ${name} threw`, error)
    const unhook = hooks.hook(name, (value) => {
      try {
        const result = call(value)
        // Not only the language's own promises: Dexie has one of its own.
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
  const isHeard = (name: string) => (listeners.get(name)?.size ?? 0) > 0

  return {
    addAction: (name, listener) => add(name, listener as AnyListener, value => (listener as (value: unknown) => unknown)(copyData(value))),
    removeAction: (name, listener) => remove(name, listener as AnyListener),
    doAction(name, payload) {
      if (isHeard(name)) void hooks.callHook(name, payload)
    },
    addFilter: (name, listener) => add(name, listener as AnyListener, (box) => {
      const current = box as Box
      try { current.value = addNames(current.value as string[], listener) }
      catch (error) {
        current.failure ??= { error }
        throw error
      }
    }),
    removeFilter: (name, listener) => remove(name, listener as AnyListener),
    applyFilters(name, value) {
      const box: Box = { value }
      if (isHeard(name)) void hooks.callHook(name, box)
      if (box.failure) throw box.failure.error
      return box.value as typeof value
    },
    hasAction: isHeard,
  }
}
