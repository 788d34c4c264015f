import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import type { OpOutcome } from './gateway-metrics'

/** How many ops of a push came out how. */
export function countOutcomes(results: readonly FoldedResult[]): Map<OpOutcome, number> {
  const counts = new Map<OpOutcome, number>()
  for (const { success, applied, replayed, errorCode } of results) {
    const outcome = !success ? errorCode ?? 'UNKNOWN' : replayed ? 'replayed' : applied ? 'applied' : 'lost'
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  }
  return counts
}
