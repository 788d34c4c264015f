import type { SubscriptionStatus, SyncErrorCode } from '../../../shared/sync/protocol/types'
import type { SyncLogger } from '../environment/environment'
import type { SyncReason } from './sync-reason'

export type SyncState = 'disabled' | 'offline' | 'connecting' | 'bootstrapping' | 'syncing' | 'idle' | 'error'

export interface SyncStatus {
  state: SyncState
  /** Edits that the store has not acknowledged, including held ones. */
  pendingCount: number
  /** Edits in the dead letter. */
  failedCount: number
  /** Changes of other devices in quarantine because they fail this app's schema. They are applied once they fit. */
  quarantinedCount: number
  /** The server version up to which everything is applied here. */
  cursor: number
  /** Epoch milliseconds of the last page from the store; 0: never. */
  lastSyncAt: number
  /** Whether the first sync has ended, so that all rows of the workspace are here. */
  firstSyncDone: boolean
  /**
   * Whether the rows of other devices here are what the store held at one moment: no transaction of another device is shown in part, and no edit
   * without the edits that its author had seen. False during a first sync, a rescan and a long catch-up.
   */
  consistent: boolean
  /** From 0 to 1 during a bootstrap or rescan, else null. */
  progress: number | null
  /** How many changes the current bootstrap or rescan has fetched. */
  pulledCount: number
  /** Whether this tab leads. */
  isLeader: boolean
  error: { code: SyncErrorCode, message: string } | null
  /** Why nothing syncs; null while the engine syncs or tries to. */
  reason: SyncReason | null
}

export const INITIAL_STATUS: SyncStatus = {
  state: 'offline', pendingCount: 0, failedCount: 0, quarantinedCount: 0, cursor: 0, lastSyncAt: 0, firstSyncDone: false, consistent: false, progress: null, pulledCount: 0, isLeader: false, error: null, reason: null,
}

/** A value that can be read and followed. */
export interface Observable<T> {
  get: () => T
  /** Calls back after every change. @returns a function that ends this. */
  subscribe: (callback: (value: T) => void) => () => void
}

export class StatusStore implements Observable<SyncStatus> {
  #value: SyncStatus = INITIAL_STATUS
  readonly #listeners = new Set<(value: SyncStatus) => void>()

  constructor(private readonly log: Pick<SyncLogger, 'error'>) {}

  get = (): SyncStatus => this.#value

  subscribe = (callback: (value: SyncStatus) => void): (() => void) => {
    this.#listeners.add(callback)
    return () => this.#listeners.delete(callback)
  }

  update(change: Partial<SyncStatus>): void {
    const next = { ...this.#value, ...change }
    const keys = Object.keys(change) as (keyof SyncStatus)[]
    if (keys.every(key => Object.is(next[key], this.#value[key]))) return
    this.#value = next
    for (const listener of [...this.#listeners]) {
      // An error of a listener must not stop sync.
      try { listener(next) }
      catch (error) { this.log.error('A listener of the status threw', error) }
    }
  }
}

/** The `state` of the status. `online`: what the browser says of the network, unless an answer of the store has shown that it is wrong. */
export function deriveState({ usable, running, online, error, bootstrapping, subscription, pushing }: {
  /** Whether the database can be used. */
  usable: boolean
  running: boolean
  online: boolean
  error: { code: SyncErrorCode } | null
  bootstrapping: boolean
  subscription: SubscriptionStatus
  pushing: boolean
}): SyncState {
  if (!usable) return 'error'
  if (!running || !online || error?.code === 'NETWORK_ERROR') return 'offline'
  if (error) return 'error'
  if (bootstrapping) return 'bootstrapping'
  if (subscription !== 'connected' && subscription !== 'syncing') return 'connecting'
  return subscription === 'syncing' || pushing ? 'syncing' : 'idle'
}
