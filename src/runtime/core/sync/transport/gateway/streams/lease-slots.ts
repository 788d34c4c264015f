import { STREAM_SLOTS } from '../../../../../shared/sync/protocol/limits'
import type { StreamSlot, StreamSlots } from './stream-slots'

/** Browsers let timers of hidden tabs run only once a minute. A lease must be longer, so that a hidden tab renews it in time. */
const LEASE_MS = 150_000
const RENEW_MS = 20_000
/** Two tabs may take a free place at the same moment. After this pause each reads who wrote last, and that tab has it. */
const SETTLE_MS = 100

export interface LeaseSlotsOptions {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  name: string
  /** Calls back when the page is left. @returns a function that stops it */
  onLeave: (callback: () => void) => () => void
}

interface Lease { owner: string, until: number }

/**
 * Places for event streams on pages without Web Locks, such as plain HTTP on a LAN. Each place is an entry of `localStorage` that its tab renews.
 * If a tab crashes, its place is free again when the lease has run out. If the storage throws, there are no places.
 */
export class LeaseSlots implements StreamSlots {
  constructor(private readonly options: LeaseSlotsOptions) {}

  async take(): Promise<StreamSlot | null> {
    const owner = Math.random().toString(36).slice(2)
    for (let index = 0; index < STREAM_SLOTS; index++) {
      const key = `${this.options.name}:${index}`
      if (!this.#isFree(key) || !this.#write(key, owner)) continue
      await new Promise<void>((resolve) => { setTimeout(resolve, SETTLE_MS) })
      if (this.#owner(key) === owner) return this.#hold(key, owner)
    }
    return null
  }

  #hold(key: string, owner: string): StreamSlot {
    const lost = new AbortController()
    const end = () => {
      clearInterval(timer)
      stopListening()
    }
    const release = () => {
      end()
      if (this.#owner(key) === owner) this.#remove(key)
    }
    const lose = () => {
      release()
      lost.abort()
    }
    // While this tab was frozen, another one may have taken its place.
    const timer = setInterval(() => { if (this.#owner(key) !== owner || !this.#write(key, owner)) lose() }, RENEW_MS)
    const stopListening = this.options.onLeave(lose)
    return { lost: lost.signal, release }
  }

  /** A lease that ends too far in the future counts as free: the clock was set back. */
  #isFree(key: string): boolean {
    const lease = this.#read(key)
    return !lease || lease.until <= Date.now() || lease.until > Date.now() + LEASE_MS
  }

  #owner(key: string): string | undefined {
    return this.#read(key)?.owner
  }

  #read(key: string): Lease | null {
    try {
      const lease = JSON.parse(this.options.storage.getItem(key) ?? 'null') as Partial<Lease> | null
      return typeof lease?.owner === 'string' && typeof lease.until === 'number' ? lease as Lease : null
    }
    catch { return null }
  }

  /** @returns whether it could be written. */
  #write(key: string, owner: string): boolean {
    try {
      this.options.storage.setItem(key, JSON.stringify({ owner, until: Date.now() + LEASE_MS } satisfies Lease))
      return true
    }
    catch { return false }
  }

  #remove(key: string): void {
    try { this.options.storage.removeItem(key) }
    catch { /* It runs out by itself. */ }
  }
}
