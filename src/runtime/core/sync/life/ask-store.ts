import type { EngineContext } from '../context/engine-context'
import { arePushLimits } from '../push/batch-limits'

/** Asks the store for its limits, and keeps them. @returns its schema version; undefined: it does not tell. */
export async function askStore({ provider, env, storeLimits }: EngineContext): Promise<number | undefined> {
  const ask = <T>(what: string, asked: Promise<T> | undefined) => asked?.catch((error: unknown) => {
    env.log.debug(`The store did not tell its ${what}`, error)
    return undefined
  })
  // At the same time, because the gateway tells both in one answer.
  const [limits, version] = await Promise.all([ask('limits', provider.pushLimits?.()), ask('schema version', provider.schemaVersion?.())])
  if (arePushLimits(limits)) storeLimits.told = limits
  return version
}
