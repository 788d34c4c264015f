import { takesRow } from '#or3-sync/shared/sync/store/feed-page'
import { keyRange } from '#or3-sync/shared/sync/store/key-order'
import type { ListRequest } from '#or3-sync/shared/sync/store/list-request'
import { rowBytes } from '#or3-sync/shared/sync/store/record-row'
import { LIST_MAX_SCAN } from '../convex-limits'
import { findCounter } from './find-counter'
import type { SyncDoc, SyncReader } from './sync-data-model'

export interface ListedDocs {
  docs: SyncDoc<'change_log'>[]
  /** The last key that was looked at, if more may follow. Null: there is no more. */
  next: string | null
  /** The workspace's version. While it is the same, several lists show the same moment. */
  version: number
}

/** Records of one table without deleted ones, in the order of their keys. Convex compares texts by their UTF-8 bytes. */
export async function listDocs(db: SyncReader, request: ListRequest): Promise<ListedDocs> {
  const version = (await findCounter(db, request.workspaceId))?.value ?? 0
  const docs: SyncDoc<'change_log'>[] = []
  let bytes = 0
  let scanned = 0
  let last: string | null = null
  for await (const doc of inRange(db, request)) {
    if (doc.op === 'put') {
      const size = rowBytes(doc.payload_bytes, doc.pk, doc.device_id)
      if (!takesRow({ rows: docs.length, bytes }, size, request)) return { docs, next: last, version }
      bytes += size
      docs.push(doc)
    }
    last = doc.pk
    // Deleted records stay in the index, so a list may meet any number of them.
    if (++scanned >= LIST_MAX_SCAN) return { docs, next: last, version }
  }
  return { docs, next: null, version }
}

function inRange(db: SyncReader, { workspaceId, tableName, order, ...keys }: ListRequest) {
  const { lower, includesLower, upper } = keyRange({ ...keys, order })
  return db.query('change_log').withIndex('by_record', (q) => {
    const table = q.eq('workspace_id', workspaceId).eq('table_name', tableName)
    const above = includesLower ? table.gte('pk', lower) : table.gt('pk', lower)
    return upper === undefined ? above : above.lt('pk', upper)
  }).order(order)
}
