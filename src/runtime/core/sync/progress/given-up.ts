import { hlcNode } from '../../../shared/sync/protocol/hlc'
import { knewRevision } from '../../../shared/sync/protocol/knew-revision'
import { UNHEARD_MAX_NODES } from '../../../shared/sync/protocol/limits'
import type { BaseRevision, ChangeStamp } from '../../../shared/sync/protocol/types'
import type { GivenUpState, OutboxOp, TombstoneRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'

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

/** What a private row knows of what the others have, once the delete that would have taken it from them is given up. */
export function givenUpTombstone(tableName: string, { pk, base, hlc, unheard = [] }: OutboxOp, now: number): TombstoneRecord {
  return { tableName, pk, clock: base?.clock ?? 0, hlc: base?.hlc ?? '', op_id: '', deletedAt: now, isGivenUp: true, unheard: [...unheard, hlcNode(hlc)].slice(-UNHEARD_MAX_NODES) }
}

/** The revision that a tombstone stands for; null: none. */
export function revisionBeside({ clock, hlc }: Pick<TombstoneRecord, 'clock' | 'hlc'>): BaseRevision | null {
  return clock > 0 ? { clock, hlc } : null
}

/** Whether a revision that comes in is one that a given-up tombstone's private row was made in knowledge of. */
export function isKnownBeside(tombstone: TombstoneRecord, stamp: ChangeStamp): boolean {
  if (!tombstone.isGivenUp) return false
  // The edit to come stands above whatever is known by then.
  return knewRevision({ clock: Infinity, hlc: '', base: revisionBeside(tombstone), unheard: tombstone.unheard }, stamp)
}
