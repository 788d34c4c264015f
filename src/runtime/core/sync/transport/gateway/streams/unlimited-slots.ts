import type { StreamSlots } from './stream-slots'

/** Always has a free place. For HTTP/2, where all streams share one connection, and outside of browsers, where connections are not limited. */
export const unlimitedSlots: StreamSlots = {
  take: async () => ({ lost: new AbortController().signal, release: () => {} }),
}
