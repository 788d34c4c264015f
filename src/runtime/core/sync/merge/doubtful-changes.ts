import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { ConflictRecord, QuarantineRecord } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import type { OutboxView } from '../queue/outbox-view'
import { recordKey } from '../records/record-key'
import { isUnknown } from './decide-merge'
import { isLostRevision } from './lost-changes'
import { asChange, readRemoteChanges, sideOf, type RemoteChange } from './remote-change'
import type { ConflictResolver } from './conflict-resolver'

export interface DoubtfulOptions {
  outbox: OutboxView
  resolver: Pick<ConflictResolver, 'conflict' | 'record'>
  wereSetAside: boolean
}

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

/**
 * Keeps doubtful changes until the answer is there, so that the cursor may pass them. Of a record the newest counts. Where that is our own
 * waiting edit, and it did not know the one that was kept before, it has replaced that one in the store. The answer may never say so to
 * anybody: an edit that is held back may follow. So both sides are kept at once. `wereSetAside`: they were kept before.
 *
 * @returns these conflicts, as far as they are new.
 */
export async function setDoubtfulAside(context: EngineContext, doubtful: readonly RemoteChange[], { outbox, resolver, wereSetAside }: DoubtfulOptions): Promise<ConflictRecord[]> {
  const { db, env } = context
  const newest = new Map<string, QuarantineRecord>()
  const conflicts: ConflictRecord[] = []
  const known = await db.sync_quarantine.bulkGet(doubtful.map(({ tableName, pk }): [string, string] => [tableName, pk]))
  for (const [index, remote] of doubtful.entries()) {
    const { tableName, pk, op, payload, stamp, serverVersion } = remote
    const key = recordKey(tableName, pk)
    const other = newest.get(key) ?? known[index]
    if (other && compareRevisions(other.change.stamp, stamp) > 0) continue
    if (other && hasReplaced(outbox, key, remote, other.change.stamp)) {
      const [replaced] = readRemoteChanges(context, [asChange(tableName, pk, other.change)])
      const conflict = replaced && resolver.conflict('local', tableName, pk, sideOf(remote), replaced)
      if (conflict) conflicts.push(conflict)
    }
    const isLost = wereSetAside && isLostRevision(known[index], stamp)
    newest.set(key, { tableName, pk, reason: 'unanswered', change: { op, payload, stamp, serverVersion }, ...(isLost ? { isLost: true } : {}), receivedAt: env.clock.now() })
  }
  await db.sync_quarantine.bulkPut([...newest.values()])
  return await resolver.record(conflicts)
}

/** Whether a change is the record's waiting edit, or one that it stands upon, and that edit did not know `other`. */
function hasReplaced(outbox: OutboxView, key: string, { stamp }: RemoteChange, other: Revision): boolean {
  const edit = outbox.waiting(key)
  return edit !== undefined && isUnknown(edit, other) && (stamp.opId === edit.opId || !isUnknown(edit, stamp))
}
