import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { SyncChange } from '../../../shared/sync/protocol/types'
import type { WalkMarks } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import type { SyncEnvironment } from '../environment/environment'
import { recordKey } from '../../../shared/sync/protocol/record-key'

/** What a walk has learnt of the store, by `recordKey`. */
export interface MarkedRecords {
  /** The highest revision in the store of each record that a page named. */
  seen: ReadonlyMap<string, Revision>
  /** Records that a push reply named since the walk began. */
  pushed: ReadonlySet<string>
}

const PREFIX = 'marks:'

/** Notes the records of a page. Must run in the transaction that stores the walk's position after this page. */
export async function markSeen(db: EngineDatabase, env: SyncEnvironment, changes: readonly SyncChange[]): Promise<void> {
  if (!changes.length) return
  const seen = changes.map(({ tableName, pk, stamp }): NonNullable<WalkMarks['seen']>[number] => [tableName, pk, stamp.clock, stamp.hlc, stamp.opId])
  await db.sync_state.put({ id: PREFIX + env.uuid(), seen })
}

/** Notes the records of a push reply. Must run in the transaction that stores what the reply brought. */
export async function markPushed(db: EngineDatabase, env: SyncEnvironment, records: readonly { tableName: string, pk: string }[]): Promise<void> {
  if (records.length) await db.sync_state.put({ id: PREFIX + env.uuid(), pushed: records.map(({ tableName, pk }) => [tableName, pk]) })
}

/** Reads what was noted. Must run in the transaction that uses it. */
export async function readMarks(db: EngineDatabase): Promise<MarkedRecords> {
  const seen = new Map<string, Revision>()
  const pushed = new Set<string>()
  for (const marks of await db.sync_state.where(':id').startsWith(PREFIX).toArray() as WalkMarks[]) {
    for (const [tableName, pk, clock, hlc, opId] of marks.seen ?? []) {
      const [key, revision] = [recordKey(tableName, pk), { clock, hlc, opId }]
      const before = seen.get(key)
      if (!before || compareRevisions(revision, before) > 0) seen.set(key, revision)
    }
    for (const [tableName, pk] of marks.pushed ?? []) pushed.add(recordKey(tableName, pk))
  }
  return { seen, pushed }
}

/** Removes what was noted. Must run in the transaction that begins or ends a walk. */
export async function clearMarks(db: EngineDatabase): Promise<void> {
  await db.sync_state.where(':id').startsWith(PREFIX).delete()
}
