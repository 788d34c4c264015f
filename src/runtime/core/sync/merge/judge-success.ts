import type { BaseRevision, PendingOp, StoredRevision, SyncOperation } from '../../../shared/sync/protocol/types'
import { isUnknowingCreate } from './decide-merge'

/** What the verdict rests on: of the op, and of the answer to it. */
export interface SentEdit {
  operation: SyncOperation
  base?: BaseRevision | null
  stamp: Pick<PendingOp['stamp'], 'hlc'>
}
export interface SuccessAnswer {
  applied?: boolean
  winner?: StoredRevision
}

/**
 * What a successful answer means for the edit that was sent.
 *
 * - `acknowledged`: the store has taken it; a `winner` has overtaken it since and is applied.
 * - `raise`: a create that met an older delete it cannot have known: it is stamped anew, above that delete.
 * - `pull`: it lost, and the reply left out to what.
 * - `lost`: the winner is applied over it.
 */
export type SuccessVerdict =
  | { kind: 'acknowledged', winner?: StoredRevision }
  | { kind: 'raise' | 'pull' | 'lost', winner: StoredRevision }

export function judgeSuccess(op: SentEdit, { applied, winner }: SuccessAnswer): SuccessVerdict {
  // A provider that only says "success" has taken the op.
  if (applied !== false || !winner) return { kind: 'acknowledged', winner }
  if (isUnknowingCreate(op.base, { op: op.operation, hlc: op.stamp.hlc }, winner)) return { kind: 'raise', winner }
  if (winner.op === 'put' && !winner.payload) return { kind: 'pull', winner }
  return { kind: 'lost', winner }
}
