import type { SyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/is-barred'
import type { SubscriptionStatus } from '../../../shared/sync/protocol/types'

export interface ConnectionHealthOptions {
  /** Pushes go through again: reading may, too. */
  wakePull: () => void
  /** The store answers again: what waits to be pushed need not wait any longer. */
  wakePush: () => void
  /** The store is there, for the first time or again. */
  onConnected: () => void
  onChanged: () => void
}

/** What is known of the way to the store, in both directions. What one direction learns is news for the other. */
export class ConnectionHealth {
  #pushError: SyncError | null = null
  #pullError: SyncError | null = null
  #pullStatus: SubscriptionStatus = 'disconnected'

  constructor(private readonly options: ConnectionHealthOptions) {}

  get error(): SyncError | null {
    return this.#pushError ?? this.#pullError
  }

  /** Null: a push went through. */
  pushed(error: SyncError | null): void {
    if (this.#pushError && !error && mayBeOver(this.#pullError)) this.options.wakePull()
    this.#pushError = error
    this.options.onChanged()
  }

  /** The store takes edits: who was barred from it is so no more. Other failures of reading have waiting times of their own. */
  acknowledged(): void {
    if (this.#pullError && isBarred(this.#pullError)) this.options.wakePull()
  }

  subscribed(status: SubscriptionStatus, error: SyncError | null): void {
    if (status === 'connected' && this.#pullStatus !== 'connected' && this.#pullStatus !== 'syncing') {
      if (mayBeOver(this.#pushError)) this.options.wakePush()
      this.options.onConnected()
    }
    this.#pullStatus = status
    this.#pullError = error
    this.options.onChanged()
  }

  /** This tab does not look any more. */
  forget(): void {
    this.#pushError = this.#pullError = null
  }
}

/** News of the other direction ends silence, and a session's absence. What a store in trouble asks for, or a back-off from it, stands. */
function mayBeOver(error: SyncError | null): boolean {
  return error !== null && error.retryAfter === undefined && (error.code === 'NETWORK_ERROR' || error.code === 'UNAUTHORIZED')
}
