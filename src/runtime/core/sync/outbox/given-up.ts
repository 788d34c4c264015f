import type { GivenUpState } from '../database/engine-records'
import type { EngineDatabase } from '../database/sync-database'

/** A request that is still on its way after this long does not arrive any more. */
const ON_ITS_WAY_MS = 60 * 60_000

/** An edit was given up of which nobody knows whether it is on its way. Must run in the transaction that gives it up. */
export async function noteGivenUp({ sync_state }: EngineDatabase, now: number): Promise<void> {
  await sync_state.put({ id: 'given-up', until: now + ON_ITS_WAY_MS })
}

/** Whether such an edit may still reach the store: this device then has to hear of what it wrote itself. */
export async function mayArriveLater({ sync_state }: EngineDatabase, now: number): Promise<boolean> {
  const givenUp = await sync_state.get('given-up') as GivenUpState | undefined
  return givenUp !== undefined && now < givenUp.until
}
