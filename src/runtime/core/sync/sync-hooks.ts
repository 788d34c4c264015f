import { createHooks, type HookCallback } from 'hookable'
import type { ConflictRecord } from './database/engine-records'
import type { PendingOp, SubscriptionStatus, SyncErrorCode, SyncScope } from '../../shared/sync/types'
import type { SyncLogger } from './environment'

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

/** Filters hand a value through their listeners and use what comes out. */
export interface SyncFilters {
  /** Names of `kv` rows that stay on the device. Listeners may add, never remove. */
  'sync.kv:blocklist': string[]
}

export type ActionListener<K extends keyof SyncActions> = (payload: SyncActions[K]) => void | Promise<void>
export type FilterListener<K extends keyof SyncFilters> = (value: SyncFilters[K]) => SyncFilters[K]

export interface SyncHooks {
  /** @returns the removal of this listener. */
  addAction: <K extends keyof SyncActions>(name: K, listener: ActionListener<K>) => () => void
  removeAction: <K extends keyof SyncActions>(name: K, listener: ActionListener<K>) => void
  /** Calls the listeners. One that throws is logged and never breaks sync. */
  doAction: <K extends keyof SyncActions>(name: K, payload: SyncActions[K]) => void
  addFilter: <K extends keyof SyncFilters>(name: K, listener: FilterListener<K>) => () => void
  removeFilter: <K extends keyof SyncFilters>(name: K, listener: FilterListener<K>) => void
  applyFilters: <K extends keyof SyncFilters>(name: K, value: SyncFilters[K]) => SyncFilters[K]
  /** Whether an action has listeners: spares building a payload nobody reads. */
  hasAction: (name: keyof SyncActions) => boolean
}

type AnyListener = HookCallback

/** The engine's hooks, on `hookable`. */
export function createSyncHooks(log: SyncLogger): SyncHooks {
  const hooks = createHooks<Record<string, HookCallback>>()
  const listening = new Map<string, number>()

  const add = (name: string, listener: AnyListener) => {
    listening.set(name, (listening.get(name) ?? 0) + 1)
    hooks.hook(name, listener)
    let added = true
    return () => {
      if (added) remove(name, listener)
      added = false
    }
  }
  const remove = (name: string, listener: AnyListener) => {
    hooks.removeHook(name, listener)
    listening.set(name, Math.max(0, (listening.get(name) ?? 0) - 1))
  }
  const report = (name: string, error: unknown) => log.error(`A listener of ${name} threw`, error)

  return {
    addAction: (name, listener) => add(name, listener as unknown as AnyListener),
    removeAction: (name, listener) => remove(name, listener as unknown as AnyListener),
    doAction(name, payload) {
      if (!listening.get(name)) return
      hooks.callHookWith((listeners) => {
        for (const listener of listeners) {
          try {
            const result = (listener as unknown as (value: unknown) => unknown)(payload)
            if (result instanceof Promise) result.catch(error => report(name, error))
          }
          catch (error) { report(name, error) }
        }
      }, name, [payload])
    },
    addFilter: (name, listener) => add(name, listener as unknown as AnyListener),
    removeFilter: (name, listener) => remove(name, listener as unknown as AnyListener),
    applyFilters(name, value) {
      let current = value
      hooks.callHookWith((listeners) => {
        for (const listener of listeners) {
          try { current = (listener as unknown as FilterListener<typeof name>)(current) ?? current }
          catch (error) { report(name, error) }
        }
      }, name, [value])
      return current
    },
    hasAction: name => (listening.get(name) ?? 0) > 0,
  }
}
