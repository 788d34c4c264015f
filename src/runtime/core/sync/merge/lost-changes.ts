import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { QuarantineRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { recordKey } from '../records/record-key'
import { isMissing } from '../rows/is-missing'

/**
 * Marks puts that were set aside and that a restored store no longer has: this may be the last device that has them. They cannot be queued
 * as they stand here: what the outbox sends is read from the table, where another row is, or none. `seen` is what the store told of. Must run
 * in the transaction that ends the walk.
 */
export async function markLost({ sync_quarantine }: EngineDatabase, tables: readonly string[], seen: ReadonlyMap<string, Revision>): Promise<void> {
  await sync_quarantine.filter(({ tableName, pk, change, reason }) => {
    if (!tables.includes(tableName) || change.op !== 'put' || reason === 'unanswered') return false
    return isMissing({ here: change.stamp, theirs: seen.get(recordKey(tableName, pk)), isWaiting: false, isAnswered: false })
  }).modify((record) => { record.isLost = true })
}

/** The store has them again: somebody else has queued them. */
export async function markFound({ sync_quarantine }: EngineDatabase, lost: readonly QuarantineRecord[]): Promise<void> {
  if (lost.length) await sync_quarantine.bulkPut(lost.map(({ isLost: _, ...found }) => found))
}

/** Whether a revision is the one that stands in quarantine as lost. */
export function isLostRevision(setAside: QuarantineRecord | undefined, stamp: Revision): setAside is QuarantineRecord {
  return setAside?.isLost === true && compareRevisions(setAside.change.stamp, stamp) === 0
}
