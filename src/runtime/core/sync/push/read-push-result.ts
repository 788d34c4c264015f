import { isWireErrorCode } from '../../../shared/sync/protocol/errors'
import { stampProblem } from '../../../shared/sync/protocol/stamp-problem'
import type { PushOpResult, StoredRevision } from '../../../shared/sync/protocol/types'
import { isStorable } from '../rows/is-storable'

/**
 * Reads the result of one op, and leaves out what is malformed: one bad result must not spoil the others of its batch.
 *
 * A success stays a success, whatever else in it is malformed. If the op lost, and the winner is malformed, the result counts as a failure: the
 * op is sent again, and meets the winner when the feed brings it.
 */
export function readPushResult(result: PushOpResult): PushOpResult {
  const { winner, overwrote, overwroteEarlier, current, error, errorCode, ...said } = result
  if (said.success && said.applied === false && winner && !isStorableRevision(winner)) {
    return { opId: said.opId, success: false, errorCode: 'UNKNOWN', error: 'the provider\'s winner must be { op: \'put\' or \'delete\', payload?, stamp, serverVersion }' }
  }
  const earlier = Array.isArray(overwroteEarlier) ? overwroteEarlier.filter(isStorableRevision) : []
  return {
    ...said,
    ...(isStorableRevision(winner) ? { winner } : {}),
    ...(isStorableRevision(overwrote) ? { overwrote } : {}),
    ...(earlier.length ? { overwroteEarlier: earlier } : {}),
    ...(isStorableRevision(current) ? { current } : {}),
    ...(typeof error === 'string' ? { error } : {}),
    ...(isWireErrorCode(errorCode) ? { errorCode } : {}),
  }
}

/** Whether this is a revision that IndexedDB can store. */
function isStorableRevision(revision: StoredRevision | null | undefined): revision is StoredRevision {
  const { op, stamp } = (revision ?? {}) as Partial<StoredRevision>
  return (op === 'put' || op === 'delete') && typeof stamp === 'object' && stamp !== null && stampProblem(stamp) === null && isStorable(revision)
}
