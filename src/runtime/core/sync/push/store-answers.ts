import type { EngineContext } from '../context/engine-context'
import { sendBatch } from './send-batch'

/**
 * Whether the store takes pushes at all: an empty one goes through. A breaker that the failures of one batch hold open lets it pass;
 * else nobody would ever find out that it is the batch.
 */
export async function storeAnswers(context: EngineContext, signal: AbortSignal): Promise<boolean> {
  context.breakers.push.allowProbe()
  return await sendBatch(context, [], { signal }).then(() => true, () => false)
}
