import type { SyncBackend } from 'or3-sync/server'
import { passOn } from '../pass-on'
import { SeededRandom } from './seeded-random'

/** How late the clock of a server process may be. */
const LATE_MS = 3_600_000

/**
 * The same store, whose own writes depend on the seed alone: their op ids, and the HLC node that a workspace gets with the first of them.
 * `late`: the share of writes that come from a process whose clock is late.
 */
export function withSeededWrites(backend: SyncBackend, { seed, late }: { seed: number, late: number }): SyncBackend {
  const random = SeededRandom.of(seed, -5)
  return {
    ...passOn(backend),
    write: async (request) => {
      const { next } = random.fork()
      const now = request.now - (random.chance(late) ? random.between(1, LATE_MS) : 0)
      const edits = request.edits.map(edit => ({ ...edit, opId: random.uuid() }))
      const real = Math.random
      Math.random = next
      try { return await backend.write({ ...request, edits, now }) }
      finally { Math.random = real }
    },
  }
}
