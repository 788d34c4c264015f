import { SyncError } from '../../../shared/sync/protocol/errors'
import type { PendingOp, PushResult } from '../../../shared/sync/protocol/types'
import { readPushResult } from './read-push-result'

/**
 * Checks that a push reply has one result for each op, in order. Without that, nobody knows which result belongs to which op, so the reply
 * cannot be used. A malformed result harms only its own op (`readPushResult`).
 *
 * @throws SyncError `SERVER_ERROR`
 */
export function checkPushReply(reply: PushResult, ops: readonly PendingOp[]): PushResult {
  const matches = Array.isArray(reply?.results) && reply.results.length === ops.length
    && reply.results.every((result, index) => result?.opId === ops[index]!.stamp.opId)
  if (!matches) throw new SyncError('SERVER_ERROR', `the provider's push must return one result for each of its ${ops.length} ops, in their order`)
  return { ...reply, results: reply.results.map(readPushResult) }
}
