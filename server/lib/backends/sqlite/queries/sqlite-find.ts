import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PageAnswer } from '#or3-sync/shared/sync/query/page-reader'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import { BackendUnavailableError } from '../../../errors/backend-unavailable-error'
import type { BackendFind } from '../../backend'
import { PlanReader, READ_MAX_BYTES, READ_MAX_ROWS } from '../../plan-reader'
import { querySource, sliceQuery } from './query-statements'
import type { QueryStatements, SliceQuery } from './query-statements'
import { toSlices } from './query-slices'
import type { SqliteConnection } from '../sqlite-connection'
import { toRow } from '../sqlite-rows'
import type { RecordColumns } from '../sqlite-rows'

/** Read before others get a turn of the event loop: some milliseconds. */
const CHUNK_ROWS = 500
const CHUNK_LENGTH = 512 * 1024
/** A query of several chunks begins again when the workspace changes meanwhile. The last time, it is read in one go. */
const ATTEMPTS = 3
const INDEX_EXISTS = 'SELECT 1 FROM sqlite_master WHERE type = \'index\' AND name = ?'

export interface FindContext {
  connection: SqliteConnection
  queryStatements: QueryStatements
  /** Call it in a transaction. `id` undefined: nobody has written to the workspace. */
  head: (workspaceId: string) => SnapshotHead
}

export interface SnapshotHead { id: number | undefined, version: number, epoch: string }

/** Where a query goes on: in which of its slices, and after how many rows of it. Null: all is read. */
type Place = { slice: number, offset: number } | null

/** How much one chunk holds: rows, and characters of their payloads. */
interface Most { rows: number, length: number }

/** What a query reads, and from which index of SQLite. Null: that of the primary keys. */
interface Walk { workspaceId: string, index: string | null, queries: readonly SliceQuery[] }

interface Chunk { head: SnapshotHead, rows: RecordRow[], next: Place }

/** Answers a query from an index. Null: no index can. */
export async function findInIndex(context: FindContext, { workspaceId, table, plan }: BackendFind): Promise<PageAnswer | null> {
  const source = querySource(table, plan.index)
  const slices = source && toSlices(plan.range, source.keys.length)
  if (!slices) return null
  if (plan.isReversed) slices.reverse()
  const queries = slices.flatMap(slice => sliceQuery(table, source, slice, plan.isReversed) ?? [])
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const reader = new PlanReader(table, plan)
    const head = await readChunks(context, { workspaceId, index: source.index, queries }, reader, attempt === ATTEMPTS)
    if (head === 'unordered') return null
    if (head !== 'changed') return { value: reader.answer(), version: head.version, epoch: head.epoch }
  }
  throw new BackendUnavailableError('the workspace changes faster than a query reads it')
}

/**
 * Hands the rows to the reader until it has enough. Chunks of the same version of the workspace are one snapshot.
 *
 * @returns `unordered`: there are keys whose order SQLite does not know, or the index is missing
 */
async function readChunks(context: FindContext, walk: Walk, reader: PlanReader, isLastAttempt: boolean): Promise<SnapshotHead | 'changed' | 'unordered'> {
  const most = isLastAttempt ? { rows: READ_MAX_ROWS + 1, length: READ_MAX_BYTES } : { rows: CHUNK_ROWS, length: CHUNK_LENGTH }
  let first: SnapshotHead | undefined
  for (let place: Place = { slice: 0, offset: 0 }; ;) {
    const from: NonNullable<Place> = place
    const chunk = await context.connection.transaction('BEGIN', () => readChunk(context, walk, from, { ...most, rows: Math.min(most.rows, reader.missing) }))
    if (chunk === 'unordered') return chunk
    first ??= chunk.head
    if (chunk.head.version !== first.version || chunk.head.epoch !== first.epoch) return 'changed'
    for (const row of chunk.rows) reader.take(row)
    if (!chunk.next || reader.missing === 0) return first
    place = chunk.next
    await nextTurn()
  }
}

function readChunk(context: FindContext, { workspaceId, index, queries }: Walk, from: NonNullable<Place>, most: Most): Chunk | 'unordered' {
  const head = context.head(workspaceId)
  if (head.id === undefined || most.rows === 0) return { head, rows: [], next: null }
  // It may not be made yet, or another process may have dropped it.
  if (index !== null && !context.queryStatements(INDEX_EXISTS).get(index)) return 'unordered'
  const read = readSlices(context.queryStatements, head.id, queries, from, most)
  return read === 'unordered' ? read : { head, ...read }
}

function readSlices(statements: QueryStatements, workspace: number, queries: readonly SliceQuery[], { slice, offset }: NonNullable<Place>, most: Most): Omit<Chunk, 'head'> | 'unordered' {
  const rows: RecordRow[] = []
  let length = 0
  for (let at = slice; at < queries.length; at++) {
    const { sql, keys } = queries[at]!
    let read = at === slice ? offset : 0
    for (const columns of statements(sql).iterate(workspace, ...keys, most.rows - rows.length, read) as unknown as Iterable<RecordColumns & { unordered: number | null }>) {
      if (columns.unordered) return 'unordered'
      rows.push(toRow(columns, columns.payload ?? null))
      length += columns.payload?.length ?? 0
      read++
      if (rows.length >= most.rows || length >= most.length) return { rows, next: { slice: at, offset: read } }
    }
  }
  return { rows, next: null }
}
