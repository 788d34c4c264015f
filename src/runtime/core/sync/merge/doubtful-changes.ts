import { compareRevisions } from '../../../shared/sync/revision'
import type { QuarantineRecord } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import type { OutboxView } from '../queue/outbox-view'
import { recordKey } from '../records/record-key'
import { isLostRevision } from './lost-changes'
import type { RemoteChange } from './remote-change'

/**
 * Changes of records whose waiting edit may be with the store unanswered: until that is answered nobody can say whether they knew our edit,
 * or what it replaced. `clear` are all others. An edit that waits aside was sent, and goes alone: of it no other answer tells anything, and
 * whether an earlier tab's request arrived is not noted.
 */
export function splitDoubtful(changes: readonly RemoteChange[], outbox: OutboxView, isUnanswered: (key: string) => boolean): { clear: RemoteChange[], doubtful: RemoteChange[] } {
  const [clear, doubtful]: [RemoteChange[], RemoteChange[]] = [[], []]
  for (const change of changes) {
    const key = recordKey(change.tableName, change.pk)
    const isDoubtful = outbox.latest(key)?.record.status === 'pending' && (isUnanswered(key) || outbox.entries(key).some(({ aside }) => aside))
    ;(isDoubtful ? doubtful : clear).push(change)
  }
  return { clear, doubtful }
}

/** Keeps doubtful changes until the answer is there, so that the cursor may pass them. Of a record the newest counts. `wereSetAside`: they were kept before. */
export async function setDoubtfulAside({ db, env }: EngineContext, doubtful: readonly RemoteChange[], { wereSetAside }: { wereSetAside: boolean }): Promise<void> {
  const newest = new Map<string, QuarantineRecord>()
  const known = await db.sync_quarantine.bulkGet(doubtful.map(({ tableName, pk }): [string, string] => [tableName, pk]))
  for (const [index, { tableName, pk, op, payload, stamp, serverVersion }] of doubtful.entries()) {
    const key = recordKey(tableName, pk)
    const other = newest.get(key) ?? known[index]
    if (other && compareRevisions(other.change.stamp, stamp) > 0) continue
    const isLost = wereSetAside && isLostRevision(known[index], stamp)
    newest.set(key, { tableName, pk, reason: 'unanswered', change: { op, payload, stamp, serverVersion }, ...(isLost ? { isLost: true } : {}), receivedAt: env.clock.now() })
  }
  await db.sync_quarantine.bulkPut([...newest.values()])
}
