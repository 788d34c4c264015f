import { SyncError } from '../../../shared/sync/protocol/errors'
import type { PendingOp, PushResult } from '../../../shared/sync/protocol/types'
import { readPushResult } from './read-push-result'

/**
 * A reply that does not answer every op in its order cannot be used: nobody knows what became of what. What is out of form in one answer
 * is that op's problem.
 *
 * @throws SyncError `SERVER_ERROR`
 */
export function checkPushReply(reply: PushResult, ops: readonly PendingOp[]): PushResult {
  const matches = Array.isArray(reply?.results) && reply.results.length === ops.length
    && reply.results.every((result, index) => result?.opId === ops[index]!.stamp.opId)
  if (!matches) throw new SyncError('SERVER_ERROR', `the provider's push must return one result for each of its ${ops.length} ops, in their order`)
  return { ...reply, results: reply.results.map(readPushResult) }
}
