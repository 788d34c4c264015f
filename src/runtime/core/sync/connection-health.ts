import type { SyncError } from '../../shared/sync/errors'
import type { SubscriptionStatus } from '../../shared/sync/types'

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
    if (this.#pushError && !error) this.options.wakePull()
    this.#pushError = error
    this.options.onChanged()
  }

  subscribed(status: SubscriptionStatus, error: SyncError | null): void {
    if (status === 'connected' && this.#pullStatus !== 'connected' && this.#pullStatus !== 'syncing') {
      if (this.#pushError) this.options.wakePush()
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
