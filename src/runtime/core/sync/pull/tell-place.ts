import type { EngineContext } from '../context/engine-context'
import { untilAnswered } from '../environment/until-answered'

/**
 * Tells the store this device's cursor: from then on the store keeps the tombstones that this device still needs. A failure is only logged.
 * @returns whether the store has taken it.
 */
export async function tellPlace({ provider, scope, deviceId, env }: EngineContext, version: number, signal: AbortSignal): Promise<boolean> {
  try {
    await untilAnswered(Promise.resolve(provider.updateCursor?.(scope, deviceId(), version)), { clock: env.clock, what: 'updateCursor', signal })
    return true
  }
  catch (error) {
    env.log.debug('The store did not take this device\'s cursor', error)
    return false
  }
}
