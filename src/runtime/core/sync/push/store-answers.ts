import type { EngineContext } from '../context/engine-context'
import { sendBatch } from './send-batch'

/**
 * Whether the store answers pushes at all: sends an empty one. An open circuit breaker lets it pass. Otherwise one bad batch could keep the
 * breaker open, and nobody would find out that the batch is the cause.
 */
export async function storeAnswers(context: EngineContext, signal: AbortSignal): Promise<boolean> {
  context.breakers.push.allowProbe()
  return await sendBatch(context, [], { signal }).then(() => true, () => false)
}
