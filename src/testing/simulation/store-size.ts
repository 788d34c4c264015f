import type { PushLimits } from 'or3-sync/client'
import type { SyncBackend } from 'or3-sync/server'
import { passOn } from '../pass-on'
import type { FaultRates } from './fault-rates'
import { SeededRandom } from './seeded-random'

/** How much a store takes and gives at once. The few records of a history never reach the real limits. */
export interface StoreSize {
  /** How many changes a page of the feed has at most. */
  pageRows: number
  /** How many ops a push has at most. A larger transaction is sent in parts. */
  pushOps: number
  /** What the store tells of its limits. A transaction that is larger is sent in parts. Undefined: it tells nothing. */
  pushLimits?: PushLimits
}

/** Bytes of a request with about three small rows. Its frame counts as 1 KiB. */
const SMALL_REQUEST = 1_900

/** Decides by the seed how much the store of a history takes and gives. Draws nothing that other parts of the history draw. */
export function storeSizeOf(seed: number, { smallPages, smallPushes }: FaultRates): StoreSize {
  const random = SeededRandom.of(seed, -3)
  const [pageRows, pushOps] = [random.between(1, 3), random.between(1, 3)]
  const size: StoreSize = { pageRows: random.chance(smallPages) ? pageRows : Infinity, pushOps: random.chance(smallPushes) ? pushOps : Infinity }
  // In half of these histories it is the bytes of a transaction that are too many, and not its ops.
  return size.pushOps < Infinity && random.chance(0.5) ? { ...size, pushLimits: { ops: 1_000, bytes: SMALL_REQUEST, replacedBytes: Infinity } } : size
}

/** The same store, with pages of at most so many changes. */
export function withPages(backend: SyncBackend, { pageRows }: StoreSize): SyncBackend {
  return { ...passOn(backend), pull: request => backend.pull({ ...request, limit: Math.min(request.limit, pageRows) }) }
}
