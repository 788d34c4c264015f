import type { StreamSlots } from './stream-slots'

/** Where streams share one connection, or nobody counts connections. */
export const unlimitedSlots: StreamSlots = {
  take: async () => ({ lost: new AbortController().signal, release: () => {} }),
}
