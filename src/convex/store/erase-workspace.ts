import { blurHistory, decodeHistory, encodeHistory } from '#or3-sync/shared/sync/store/commit-history'
import { erasedName } from '#or3-sync/shared/sync/store/erased-name'
import { ERASE_MAX_BYTES, ERASE_MAX_ROWS } from '../convex-limits'
import { deleteWithResults } from './delete-with-results'
import { materializeRows } from './materialize-rows'
import type { Materialization } from './materialize-rows'
import type { SyncDoc, SyncReader, SyncWriter } from './sync-data-model'
import { sha256 } from './sha256'
import { toRow } from './to-row'

export interface ErasedRun {
  records: number
  devices: number
  /** Whether nothing is left. */
  done: boolean
}

/**
 * One run. The version rises, and the floor to it, in the transaction that removes the last document: devices are told to rescan
 * once, and find nothing. A run reads one more document than it removes, to know whether it is the last.
 */
export async function eraseWorkspace(db: SyncWriter, { schema, targets, workspaceId }: Omit<Materialization, 'writes'>): Promise<ErasedRun> {
  const records = await db.query('change_log').withIndex('by_record', q => q.eq('workspace_id', workspaceId)).take(ERASE_MAX_ROWS + 1)
  const taken = records.slice(0, countWithinBytes(records))
  // In the app's own table every row is deleted.
  await materializeRows(db, { schema, targets, workspaceId, writes: taken.filter(({ op }) => op === 'put').map(doc => toRow(doc, null)) })
  await Promise.all(taken.map(doc => deleteRecord(db, doc)))
  if (taken.length < records.length) return { records: taken.length, devices: 0, done: false }

  let left = ERASE_MAX_ROWS - taken.length
  const writers = await findWriters(db, workspaceId, left + 1)
  const forgotten = await deleteWithResults(db, writers.slice(0, left))
  if (forgotten < writers.length) return { records: taken.length, devices: 0, done: false }
  left -= forgotten
  const known = await findDevices(db, workspaceId, left + 1)
  const devices = await deleteWithResults(db, known.slice(0, left))
  if (devices < known.length) return { records: taken.length, devices, done: false }
  await hideCounter(db, workspaceId)
  return { records: taken.length, devices, done: true }
}

/** How many of these one run removes: at least one. */
function countWithinBytes(records: readonly SyncDoc<'change_log'>[]): number {
  let bytes = 0
  const end = records.findIndex((doc, index) => {
    bytes += doc.payload_bytes
    return index >= ERASE_MAX_ROWS || (index > 0 && bytes > ERASE_MAX_BYTES)
  })
  return end < 0 ? records.length : end
}

async function deleteRecord(db: SyncWriter, { _id, payload_id }: SyncDoc<'change_log'>): Promise<void> {
  if (payload_id !== undefined) await db.delete(payload_id)
  await db.delete(_id)
}

function findDevices(db: SyncReader, workspaceId: string, limit: number): Promise<SyncDoc<'device_cursors'>[]> {
  return db.query('device_cursors').withIndex('by_device', q => q.eq('workspace_id', workspaceId)).take(limit)
}

function findWriters(db: SyncReader, workspaceId: string, limit: number): Promise<SyncDoc<'sync_writers'>[]> {
  return db.query('sync_writers').withIndex('by_user', q => q.eq('workspace_id', workspaceId)).take(limit)
}

/** What has been erased already has no counter of this name. */
async function hideCounter(db: SyncWriter, workspaceId: string): Promise<void> {
  const counter = await db.query('sync_counters').withIndex('by_workspace', q => q.eq('workspace_id', workspaceId)).unique()
  if (!counter) return
  const version = counter.value + 1
  const commits = encodeHistory(blurHistory(decodeHistory(counter.commits), version))
  await db.patch(counter._id, { workspace_id: erasedName(await sha256(workspaceId)), value: version, gc_floor: version, commits, hand: undefined })
}
