import type { Infer } from 'convex/values'
import { decodeHistory } from '#or3-sync/shared/sync/store/commit-history'
import { closePage, openPage, pageFilter, pageStart, takesRow } from '#or3-sync/shared/sync/store/feed-page'
import type { FeedRequest, Walk } from '#or3-sync/shared/sync/store/feed-page'
import { rowBytes } from '#or3-sync/shared/sync/store/record-row'
import type { wireChange } from '../functions/wire'
import { PULL_MAX_SCAN } from '../convex-limits'
import { readEpoch } from './deployment-epoch'
import { findCounter } from './find-counter'
import type { SyncDoc, SyncReader } from './sync-data-model'

export interface PageRequest extends FeedRequest {
  workspaceId: string
}

type Change = Infer<typeof wireChange>

/** A page of the feed. Filters leave rows out after they are read, so a page also ends when it has looked at enough of them. */
export async function readPage(db: SyncReader, request: PageRequest) {
  const [counter, epoch] = await Promise.all([
    findCounter(db, request.workspaceId),
    readEpoch(db),
  ])
  const page = openPage({ version: counter?.value ?? 0, gcFloor: counter?.gc_floor ?? 0, commits: decodeHistory(counter?.commits) }, request)
  if (page.requiresRescan) return { ...page, changes: [], epoch }
  const { docs, ...walk } = request.tables?.length === 0 ? { docs: [], lookedAt: request.cursor, hasMore: false } : await selectDocs(db, request)
  const changes = await Promise.all(docs.map(doc => toChange(db, doc)))
  return { ...closePage(page, request, walk), changes, epoch }
}

/** The rows of a page, slim, and how far the feed was looked at for them. */
async function selectDocs(db: SyncReader, request: PageRequest): Promise<Walk & { docs: SyncDoc<'change_log'>[] }> {
  const docs: SyncDoc<'change_log'>[] = []
  const passes = pageFilter(request)
  const lastTaken = () => docs.at(-1)?.server_version ?? request.cursor
  let bytes = 0
  let scanned = 0
  for await (const doc of feed(db, request)) {
    const isFull = docs.length >= request.limit
    if (passes({ tableName: doc.table_name, op: doc.op })) {
      const size = rowBytes(doc.payload_bytes, doc.pk, doc.device_id)
      if (!takesRow({ rows: docs.length, bytes }, size, request)) return { docs, lookedAt: lastTaken(), hasMore: true }
      docs.push(doc)
      bytes += size
    }
    // A full page only looks on for whether there is more, and stays where it is.
    if (++scanned >= PULL_MAX_SCAN) return { docs, lookedAt: isFull ? lastTaken() : doc.server_version, hasMore: true }
  }
  return { docs, lookedAt: lastTaken(), hasMore: false }
}

function feed(db: SyncReader, { workspaceId, ...request }: PageRequest) {
  return db.query('change_log').withIndex('by_version', (q) => {
    const range = q.eq('workspace_id', workspaceId).eq('collected', false)
    const start = pageStart(request)
    return request.order === 'asc' ? range.gt('server_version', start) : range.lt('server_version', start)
  }).order(request.order)
}

async function toChange(db: SyncReader, doc: SyncDoc<'change_log'>): Promise<Change> {
  const payload = doc.payload_id === undefined ? null : await db.get(doc.payload_id)
  return {
    serverVersion: doc.server_version,
    tableName: doc.table_name,
    pk: doc.pk,
    op: doc.op,
    ...payload && { payload: payload.json },
    stamp: { deviceId: doc.device_id, opId: doc.op_id, hlc: doc.hlc, clock: doc.clock },
  }
}
