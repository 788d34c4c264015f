import type { Revision } from '../../../shared/sync/protocol/revision'
import type { EngineDatabase } from '../records/engine-database'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import { isMissing } from '../rows/is-missing'

/**
 * Marks changes in quarantine that a restored store no longer has, because this may be the last device that has them: the server itself may have made
 * them. They cannot be queued here: the outbox sends the row that is in the table, and that is another row or none. `seen`: the revisions that the walk has found in the store.
 *
 * Must run in the transaction that ends the walk.
 */
export async function markLost({ sync_quarantine }: EngineDatabase, tables: readonly string[], seen: ReadonlyMap<string, Revision>): Promise<void> {
  await sync_quarantine.filter(({ tableName, pk, change }) => {
    return tables.includes(tableName) && isMissing({ here: change.stamp, theirs: seen.get(recordKey(tableName, pk)), isWaiting: false, isAnswered: false })
  }).modify((record) => { record.isLost = true })
}
