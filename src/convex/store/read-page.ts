import type { Infer } from 'convex/values'
import { decodeHistory, knowsMarks, newestMark } from '#or3-sync/shared/sync/store/commit-history'
import { rowBytes } from '#or3-sync/shared/sync/store/record-row'
import type { wireChange } from '../functions/wire'
import { PULL_MAX_SCAN } from '../convex-limits'
import { readEpoch } from './deployment-epoch'
import { findCounter } from './find-counter'
import type { SyncDoc, SyncReader } from './sync-data-model'

export interface PageRequest {
  workspaceId: string
  /** Ascending: the last version seen. Descending: the exclusive upper bound, 0 for none. */
  cursor: number
  limit: number
  /** Absent: all. */
  tables?: readonly string[]
  order: 'asc' | 'desc'
  bootstrap: boolean
  maxBytes: number
  /** The newest mark that the reader was told. */
  mark?: string
}

type Change = Infer<typeof wireChange>

/** A page of the feed. Filters leave rows out after they are read, so a page also ends when it has looked at enough of them. */
export async function readPage(db: SyncReader, request: PageRequest) {
  const [counter, epoch] = await Promise.all([
    findCounter(db, request.workspaceId),
    readEpoch(db),
  ])
  const version = counter?.value ?? 0
  const commits = decodeHistory(counter?.commits)
  const mark = newestMark(commits)
  const empty = { changes: [], nextCursor: request.cursor, hasMore: false, latestVersion: version, requiresRescan: false, epoch, ...mark !== undefined && { mark } }
  if (request.mark !== undefined && !knowsMarks(commits, request.mark)) return { ...empty, requiresRescan: true, restored: true as const }
  const descending = request.order === 'desc'
  const beyond = descending ? request.cursor > version + 1 : request.cursor > version || (!request.bootstrap && request.cursor < (counter?.gc_floor ?? 0))
  if (beyond) return { ...empty, requiresRescan: true }
  const { docs, lookedAt, hasMore } = request.tables?.length === 0 ? { docs: [], lookedAt: request.cursor, hasMore: false } : await selectDocs(db, request)
  return {
    ...empty,
    changes: await Promise.all(docs.map(doc => toChange(db, doc))),
    nextCursor: descending || hasMore ? lookedAt : version,
    hasMore,
  }
}

/** The rows of a page, slim, and how far the feed was looked at for them. */
async function selectDocs(db: SyncReader, request: PageRequest): Promise<{ docs: SyncDoc<'change_log'>[], lookedAt: number, hasMore: boolean }> {
  const docs: SyncDoc<'change_log'>[] = []
  const tables = request.tables && new Set(request.tables)
  const lastTaken = () => docs.at(-1)?.server_version ?? request.cursor
  let bytes = 0
  let scanned = 0
  for await (const doc of feed(db, request)) {
    const isFull = docs.length >= request.limit
    if ((!tables || tables.has(doc.table_name)) && !(doc.op === 'delete' && (request.bootstrap || request.order === 'desc'))) {
      const size = rowBytes(doc.payload_bytes, doc.pk, doc.device_id)
      if (isFull || (docs.length > 0 && bytes + size > request.maxBytes)) return { docs, lookedAt: lastTaken(), hasMore: true }
      docs.push(doc)
      bytes += size
    }
    // A full page only looks on for whether there is more, and stays where it is.
    if (++scanned >= PULL_MAX_SCAN) return { docs, lookedAt: isFull ? lastTaken() : doc.server_version, hasMore: true }
  }
  return { docs, lookedAt: lastTaken(), hasMore: false }
}

function feed(db: SyncReader, { workspaceId, cursor, order }: PageRequest) {
  return db.query('change_log').withIndex('by_version', (q) => {
    const range = q.eq('workspace_id', workspaceId).eq('collected', false)
    if (order === 'asc') return range.gt('server_version', cursor)
    return cursor > 0 ? range.lt('server_version', cursor) : range
  }).order(order)
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
