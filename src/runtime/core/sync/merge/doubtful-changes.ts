import type { ConflictRecord, QuarantineRecord } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { decideDoubtful, isDoubtful } from '../decide/decide-doubtful'
import type { OutboxView } from '../queue/outbox-view'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import { keepConflicts, type MetEdits } from './keep-conflicts'
import { asChange, readRemoteChanges, sideOf, type RemoteChange } from './remote-change'

/** Splits off the doubtful changes: the store may already have a waiting edit of their record although no answer has come (`isDoubtful`). */
export function splitDoubtful(changes: readonly RemoteChange[], outbox: OutboxView, isUnanswered: (key: string) => boolean): { clear: RemoteChange[], doubtful: RemoteChange[] } {
  const [clear, doubtful]: [RemoteChange[], RemoteChange[]] = [[], []]
  for (const change of changes) {
    const key = recordKey(change.tableName, change.pk)
    const entries = outbox.entries(key)
    // Most records of a page have no edit here.
    const wait = entries.length > 0
      && isDoubtful({ status: outbox.latest(key)?.record.status, isUnanswered: isUnanswered(key), hasAside: entries.some(({ aside }) => aside) })
    ;(wait ? doubtful : clear).push(change)
  }
  return { clear, doubtful }
}

/**
 * Puts doubtful changes into quarantine until the answer is there, so that the cursor can move past them (`decideDoubtful`). `wereSetAside`: they
 * come out of quarantine, not from the store.
 *
 * @returns the conflicts that were stored now for the first time.
 */
export async function setDoubtfulAside(
  context: EngineContext, doubtful: readonly RemoteChange[], outbox: OutboxView, { wereSetAside }: { wereSetAside: boolean },
): Promise<ConflictRecord[]> {
  const { db, env } = context
  const newest = new Map<string, QuarantineRecord>()
  const met: MetEdits[] = []
  const known = await db.sync_quarantine.bulkGet(doubtful.map(({ tableName, pk }): [string, string] => [tableName, pk]))
  for (const [index, remote] of doubtful.entries()) {
    const { tableName, pk, op, payload, stamp, serverVersion } = remote
    const key = recordKey(tableName, pk)
    const kept = newest.get(key) ?? known[index]
    const decision = decideDoubtful(outbox.waiting(key), kept, { stamp, wasSetAside: wereSetAside })
    if (decision.kind === 'ignore') continue
    if (decision.conflict) {
      const [replaced] = readRemoteChanges(context, [asChange(tableName, pk, kept!.change)])
      if (replaced) met.push({ winner: decision.conflict, local: sideOf(remote), remote: replaced })
    }
    newest.set(key, {
      tableName, pk, reason: 'unanswered', change: { op, payload, stamp, serverVersion }, ...(decision.isLost ? { isLost: true } : {}), receivedAt: env.clock.now(),
    })
  }
  await db.sync_quarantine.bulkPut([...newest.values()])
  return await keepConflicts(context, met)
}
