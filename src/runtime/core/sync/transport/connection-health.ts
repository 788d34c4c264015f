import type { SyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/retry-policy'
import type { SubscriptionStatus } from '../../../shared/sync/protocol/types'

export interface ConnectionHealthOptions {
  /** A push went through again, so pulling may work, too: pull now. */
  wakePull: () => void
  /** The store answers again: push now what waits. */
  wakePush: () => void
  /** The subscription is connected, for the first time or again. */
  onConnected: () => void
  onChanged: () => void
}

/** Knows the state of the connection for pushing and for pulling. When one of them works again, it wakes the other. */
export class ConnectionHealth {
  #pushError: SyncError | null = null
  #pullError: SyncError | null = null
  #pullStatus: SubscriptionStatus = 'disconnected'

  constructor(private readonly options: ConnectionHealthOptions) {}

  get error(): SyncError | null {
    return this.#pushError ?? this.#pullError
  }

  /** The outcome of a push. Null: it went through. */
  pushed(error: SyncError | null): void {
    if (this.#pushError && !error && mayBeOver(this.#pullError)) this.options.wakePull()
    this.#pushError = error
    this.options.onChanged()
  }

  /** The store has acknowledged edits. If pulling was refused because the user was barred, that is over. Other pull failures wait for their own time. */
  acknowledged(): void {
    if (this.#pullError && isBarred(this.#pullError)) this.options.wakePull()
  }

  /** The subscription has a new status. */
  subscribed(status: SubscriptionStatus, error: SyncError | null): void {
    if (status === 'connected' && this.#pullStatus !== 'connected' && this.#pullStatus !== 'syncing') {
      if (mayBeOver(this.#pushError)) this.options.wakePush()
      this.options.onConnected()
    }
    this.#pullStatus = status
    this.#pullError = error
    this.options.onChanged()
  }

  /** This tab no longer syncs, so its last errors mean nothing. */
  forget(): void {
    this.#pushError = this.#pullError = null
  }
}

/** Whether success in one direction may end this error of the other: no network, or no session. Pauses for a store in trouble are kept. */
function mayBeOver(error: SyncError | null): boolean {
  return error !== null && error.retryAfter === undefined && (error.code === 'NETWORK_ERROR' || error.code === 'UNAUTHORIZED')
}
