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

/** Pushes ops. Nobody waits for an answer once the signal has aborted. @throws SyncError when there is none that can be used. */
export async function sendBatch({ scope, provider, env }: EngineContext, ops: PendingOp[], { mark, signal }: SendOptions): Promise<PushResult> {
  // A provider may work on what it is handed, as one that encrypts does. What is sent again, or refused, is what the app wrote.
  const batch = { scope, ops: copyData(ops), ...(mark === undefined ? {} : { mark }) }
  return checkPushReply(await freshReply(env.clock, () => provider.push(batch, { signal })), ops)
}
