import { LeaseSlots } from './lease-slots'
import { LockSlots, type SlotLocks } from './lock-slots'
import { sharesConnections } from './shares-connections'
import type { StreamSlots } from './stream-slots'
import { unlimitedSlots } from './unlimited-slots'

/** There is never a free place, so every tab polls. */
const noSlots: StreamSlots = { take: async () => null }

/** The places for streams to the URL's origin, which all tabs of this browser share, whatever workspace they show. Outside of a page they are unlimited. */
export function browserSlots(url: string): StreamSlots {
  if (typeof window === 'undefined' || typeof document === 'undefined') return unlimitedSlots
  const { origin } = new URL(url, window.location.href)
  const shared = sharedSlots(`or3-sync:stream:${origin}`)
  return { take: async () => await (sharesConnections(origin) ? unlimitedSlots : shared).take() }
}

function sharedSlots(name: string): StreamSlots {
  const leases = leaseSlots(name)
  const { locks } = navigator as { locks?: SlotLocks }
  return locks ? new LockSlots({ locks, name, instead: leases }) : leases
}

function leaseSlots(name: string): StreamSlots {
  // If storage is blocked, even reading `window.localStorage` throws.
  try { return new LeaseSlots({ storage: window.localStorage, name, onLeave }) }
  catch { return noSlots }
}

function onLeave(callback: () => void): () => void {
  window.addEventListener('pagehide', callback)
  return () => window.removeEventListener('pagehide', callback)
}
