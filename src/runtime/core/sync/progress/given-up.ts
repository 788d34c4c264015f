import { hlcNode } from '../../../shared/sync/protocol/hlc'
import { UNHEARD_MAX_NODES } from '../../../shared/sync/protocol/limits'
import type { GivenUpState, OutboxOp, TombstoneRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'

/** A request that has been on its way for longer than this does not arrive any more. */
const ON_ITS_WAY_MS = 60 * 60_000

/** Notes that an edit was given up whose push may still be on its way. Must run in the transaction that removes it from the outbox. */
export async function noteGivenUp({ sync_state }: EngineDatabase, now: number): Promise<void> {
  await sync_state.put({ id: 'given-up', until: now + ON_ITS_WAY_MS })
}

/** Whether an edit that was given up may still reach the store. Then this device must not leave its own edits out of its stream. */
export async function mayArriveLater({ sync_state }: EngineDatabase, now: number): Promise<boolean> {
  const givenUp = await sync_state.get('given-up') as GivenUpState | undefined
  return givenUp !== undefined && now < givenUp.until
}

/** The tombstone beside a private row whose delete for the other devices was given up: see `TombstoneRecord.isGivenUp`. */
export function givenUpTombstone(tableName: string, { pk, base, hlc, unheard = [] }: OutboxOp, now: number): TombstoneRecord {
  return { tableName, pk, clock: base?.clock ?? 0, hlc: base?.hlc ?? '', op_id: '', deletedAt: now, isGivenUp: true, unheard: [...unheard, hlcNode(hlc)].slice(-UNHEARD_MAX_NODES) }
}
