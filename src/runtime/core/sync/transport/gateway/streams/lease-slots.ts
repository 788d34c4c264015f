import { STREAM_SLOTS } from '../../../../../shared/sync/protocol/limits'
import type { StreamSlot, StreamSlots } from './stream-slots'

/** Longer than the minute to which browsers slow the timers of hidden tabs down: a tab that is still there renews in time. */
const LEASE_MS = 150_000
const RENEW_MS = 20_000
/** Two tabs may see a place free at the same moment. The one that wrote last has it, which shows after a moment. */
const SETTLE_MS = 100

export interface LeaseSlotsOptions {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  name: string
  /** Calls back when the page goes. @returns the clean-up. */
  onLeave: (callback: () => void) => () => void
}

interface Lease { owner: string, until: number }

/**
 * Each place is an entry of `localStorage` that its tab renews: for pages without Web Locks, such as those of plain HTTP on a LAN. The
 * place of a tab that crashed is free when its lease has run out. Storage that throws has no places.
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
    // A tab that was frozen may find its place taken.
    const timer = setInterval(() => { if (this.#owner(key) !== owner || !this.#write(key, owner)) lose() }, RENEW_MS)
    const stopListening = this.options.onLeave(lose)
    return { lost: lost.signal, release }
  }

  /** A lease that runs for longer than any is given: the clock was set back. */
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
