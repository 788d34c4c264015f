import { encodeHistory } from '#or3-sync/shared/sync/store/commit-history'
import type { CommitHistory } from '#or3-sync/shared/sync/store/commit-history'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { utf8Length } from '#or3-sync/shared/sync/protocol/utf8-length'
import { ensureEpoch } from './deployment-epoch'
import type { StoredBatch } from './read-batch'
import type { SyncDoc, SyncWriter } from './sync-data-model'

/** Writes the rows that changed, and the counter once, with the `hand` of a write of the server's own. The counter has its workspace's name again where that was erased. */
export async function writeBatch(
  db: SyncWriter,
  { counter, docs }: Pick<StoredBatch, 'counter' | 'docs'>,
  { version, writes, commits, hand }: { version: number, writes: readonly RecordRow[], commits: CommitHistory, hand?: SyncDoc<'sync_counters'>['hand'] },
  { workspaceId, now }: { workspaceId: string, now: number },
): Promise<void> {
  if (writes.length === 0) return
  await Promise.all([
    ...writes.map(row => writeRow(db, docs.get(recordKey(row.tableName, row.pk)), row, { workspaceId, now })),
    counter
      ? db.patch(counter._id, { workspace_id: workspaceId, value: version, commits: encodeHistory(commits), ...hand && { hand } })
      : startWorkspace(db, workspaceId, { value: version, commits: encodeHistory(commits), ...hand && { hand } }),
  ])
}

async function startWorkspace(db: SyncWriter, workspaceId: string, fields: Pick<SyncDoc<'sync_counters'>, 'value' | 'commits' | 'hand'>): Promise<void> {
  await ensureEpoch(db)
  await db.insert('sync_counters', { workspace_id: workspaceId, gc_floor: 0, ...fields })
}

async function writeRow(db: SyncWriter, before: SyncDoc<'change_log'> | undefined, row: RecordRow, { workspaceId, now }: { workspaceId: string, now: number }) {
  const { clock, hlc, opId, deviceId } = row.stamp
  const payloadId = await writePayload(db, before?.payload_id, row.payload)
  const doc = {
    workspace_id: workspaceId,
    table_name: row.tableName,
    pk: row.pk,
    server_version: row.serverVersion,
    op: row.op,
    clock,
    hlc,
    op_id: opId,
    device_id: deviceId,
    written_at: now,
    collected: false,
    ...payloadId !== undefined && { payload_id: payloadId },
    payload_bytes: row.payload === null ? 0 : utf8Length(row.payload),
  }
  await (before ? db.replace(before._id, doc) : db.insert('change_log', doc))
}

type PayloadId = SyncDoc<'sync_payloads'>['_id']

async function writePayload(db: SyncWriter, id: PayloadId | undefined, json: string | null): Promise<PayloadId | undefined> {
  if (json === null) {
    if (id !== undefined) await db.delete(id)
    return undefined
  }
  if (id === undefined) return await db.insert('sync_payloads', { json })
  await db.replace(id, { json })
  return id
}
