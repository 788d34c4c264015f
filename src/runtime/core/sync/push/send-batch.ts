import type { PendingOp, PushResult } from '../../../shared/sync/protocol/types'
import type { EngineContext } from '../context/engine-context'
import { freshReply } from '../environment/fresh-reply'
import { copyData } from '../../../shared/sync/rows/copy-data'
import { checkPushReply } from './check-push-reply'

export interface SendOptions {
  /** See `PullRequest.mark`. */
  mark?: string
  signal: AbortSignal
}

/**
 * Pushes ops. Does not wait for the answer once the signal has aborted.
 *
 * @throws SyncError when there is no answer, or none that can be used.
 */
export async function sendBatch({ scope, provider, env }: EngineContext, ops: PendingOp[], { mark, signal }: SendOptions): Promise<PushResult> {
  // Copied, because a provider may change what it is given, for example to encrypt it. A retry and the dead letter need what the app wrote.
  const batch = { scope, ops: copyData(ops), ...(mark === undefined ? {} : { mark }) }
  return checkPushReply(await freshReply(env.clock, () => provider.push(batch, { signal })), ops)
}
