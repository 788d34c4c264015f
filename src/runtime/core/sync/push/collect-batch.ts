import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
import { PUSH_MAX_BYTES } from '../../../shared/sync/protocol/limits'
import { isHlc } from '../../../shared/sync/protocol/hlc'
import { compareRevisions } from '../../../shared/sync/protocol/revision'
import { isClock, stampProblem } from '../../../shared/sync/protocol/stamp-problem'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { PendingOp, WirePayload } from '../../../shared/sync/protocol/types'
import { utf8Length } from '../../../shared/sync/protocol/utf8-length'
import { validatePayload } from '../../../shared/sync/rows/validate-payload'
import { askTable } from '../rows/ask-table'
import type { EngineContext } from '../context/engine-context'
import { asksAgain } from '../context/exclusion'
import type { AsideState, OutboxOp } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { encodeLocalRow, plainRow } from '../rows/sync-payload-normalizer'
import { recordKey } from '../records/record-key'
import type { IndexedEdit } from '../queue/outbox-index'
import type { OutboxEntry, OutboxView } from '../queue/outbox-view'
import type { RecentWrites } from './recent-writes'
import { storedRows } from '../records/stored-rows'

const LEAST_LOOKED_AT = 100

export interface CollectedOp {
  key: string
  op: PendingOp
  /** It waited aside. */
  aside?: AsideState
}

/** An op that must not be sent: it would be refused. */
export interface RefusedOp extends CollectedOp {
  error: SyncError
  /** What stands in its table, where the op has no payload because it could not be made. */
  row?: Record<string, unknown>
}

export interface CollectedBatch {
  /** At most `maxOps` ops, in the order of their first edits. */
  ops: CollectedOp[]
  refused: RefusedOp[]
  /** Their stamps are out of form: they are to be stamped anew. */
  misstamped: CollectedOp[]
  /** Records whose rows are private by now, and which others have or may have. */
  leaving: string[]
  /** Records whose entries stand for nothing any more (the row is gone without a trace, or was never to leave). */
  void: string[]
  /** Records that `capture` says should wait, or wait no longer. */
  held: string[]
  released: string[]
  /** Keys of the outbox records that hold these entries. */
  recordIds: number[]
  /** Up to this key it is known what the outbox holds. */
  lastRecord: number
  /** Whether more is waiting than fits. */
  more: boolean
  /** Whether entries stay that are not to be sent now: held, refused, not due. */
  waiting: boolean
  /** Whether the batch holds everything that its outbox records hold. */
  whole: boolean
  /** Of the database that it was read from. See `EngineContext.incarnation`. */
  incarnation: number
}

export interface CollectOptions {
  maxOps: number
  /** Edits that are not due yet. */
  skip: (op: Pick<OutboxOp, 'opId' | 'aside'>) => boolean
  /** Whether edits are looked at that `capture` holds. A row that is written again is looked at in any case. */
  withHeld: boolean
  /** Whether an edit of the record may be with the store unanswered. */
  mayHaveArrived: (key: string) => boolean
  recentWrites: RecentWrites
}

interface StoredRow { [field: string]: unknown, clock?: number, hlc?: string, op_id?: string }

/** Reads the next batch: for each record its newest edit, with the base of its oldest. */
export async function collectBatch(context: EngineContext, options: CollectOptions): Promise<CollectedBatch> {
  const { db, outbox } = context
  return await db.transaction('r!', [db.pending_ops, db.tombstones, ...context.appTables], async () => {
    await outbox.refresh()
    const [hasHeld, hasRefused] = await Promise.all([outbox.has('held'), outbox.has('failed')])
    const batch: CollectedBatch = {
      ops: [], refused: [], misstamped: [], leaving: [], void: [], held: [], released: [], recordIds: [], lastRecord: outbox.last, more: false, waiting: hasRefused || (hasHeld && !options.withHeld), whole: false, incarnation: context.incarnation(),
    }
    // Records that were looked at: however many there are of which nothing goes, they hold up nothing behind them.
    const seen = new Set<string>()
    const isDue = (edit: IndexedEdit) => !options.skip(edit)
    for (;;) {
      const { keys, more, waiting } = outbox.window({ size: lookedAt(options), isDue, withHeld: options.withHeld, without: seen })
      batch.more = more
      batch.waiting ||= waiting
      const view = await outbox.view(keys)
      const due = pickDue(batch, view, keys, options)
      fill(context, batch, view, due, await readRows(db, context, due, options.recentWrites), options)
      for (const key of keys) seen.add(key)
      batch.recordIds.push(...recordsOf(batch, view))
      if (!batch.more || batch.ops.length + batch.refused.length + batch.misstamped.length + batch.leaving.length) return { ...batch, recordIds: [...new Set(batch.recordIds)] }
    }
  })
}

/** The newest edits of these records, as far as they are due: perhaps more than fit, for some may turn out to be held. */
function pickDue(batch: CollectedBatch, view: OutboxView, keys: readonly string[], options: CollectOptions): [string, OutboxEntry][] {
  const due: [string, OutboxEntry][] = []
  for (const key of keys) {
    const latest = view.sendable(key)
    // Sent from another tab meanwhile.
    if (!latest) continue
    if (options.skip(latest)) batch.waiting = true
    else due.push([key, latest])
  }
  return due
}

/** How many edits are looked at for one batch. */
function lookedAt({ maxOps }: CollectOptions): number {
  return Math.max(maxOps, LEAST_LOOKED_AT)
}

/** Keys of the outbox records that the batch speaks of. */
function recordsOf(batch: CollectedBatch, view: OutboxView): Set<number> {
  const keys = [...[...batch.ops, ...batch.refused, ...batch.misstamped].map(({ key }) => key), ...batch.leaving, ...batch.void, ...batch.held, ...batch.released]
  return new Set(keys.flatMap(key => view.entries(key).map(entry => entry.record.id!)))
}

/** The rows that are not in memory any more, by record. */
async function readRows(db: EngineDatabase, context: EngineContext, due: [string, OutboxEntry][], recent: RecentWrites): Promise<Map<string, StoredRow | undefined>> {
  const rows = new Map<string, StoredRow | undefined>()
  const wanted = new Map<string, string[]>()
  for (const [key, entry] of due) {
    const table = context.schema.tables[entry.tableName]
    if (!table || entry.op === 'delete' || (recent.get(key, entry.opId) && !asksAgain(table))) continue
    const pks = wanted.get(entry.tableName)
    if (pks) pks.push(entry.pk)
    else wanted.set(entry.tableName, [entry.pk])
  }
  for (const [tableName, pks] of wanted) {
    const found = await storedRows<StoredRow>(db, tableName).bulkGet(pks)
    pks.forEach((pk, index) => rows.set(recordKey(tableName, pk), found[index]))
  }
  return rows
}

function fill(context: EngineContext, batch: CollectedBatch, view: OutboxView, due: [string, OutboxEntry][], rows: Map<string, StoredRow | undefined>, options: CollectOptions): void {
  let bytes = 0
  for (const [key, entry] of due) {
    if (batch.ops.length === options.maxOps) {
      batch.more = true
      return
    }
    const table = context.schema.tables[entry.tableName]
    // A table the app has taken out of its schema: its edits wait until it is back.
    if (!table) {
      batch.waiting = true
      continue
    }
    const read = tryReadEdit(context, table, key, entry, rows, options)
    if (read.kind === 'void') { batch.void.push(key); continue }
    if (read.kind === 'leave') { batch.leaving.push(key); continue }
    if (read.kind === 'hold') {
      batch.waiting = true
      if (view.entries(key).some(({ record }) => record.status === 'pending')) batch.held.push(key)
      continue
    }
    if (entry.record.status === 'held') batch.released.push(key)
    const op = toPendingOp(context, entry, read.kind === 'put' ? read.payload : undefined, { base: view.base(key), unheard: view.unheard(key) }, entry.record.createdAt)
    if (stampProblem(op.stamp)) { batch.misstamped.push({ key, op }); continue }
    if (read.kind === 'refuse') { batch.refused.push({ key, op, error: read.error, row: plainRow(rows.get(key) ?? {}) }); continue }
    if (read.kind === 'put') {
      const size = utf8Length(JSON.stringify(read.payload))
      const error = checkPayload(table, entry.pk, read.payload, size)
      if (error) { batch.refused.push({ key, op, error }); continue }
      if (batch.ops.length && bytes + size > PUSH_MAX_BYTES) { batch.more = true; return }
      bytes += size
    }
    batch.ops.push({ key, op, ...(entry.aside ? { aside: entry.aside } : {}) })
  }
}

type Edit = { kind: 'put', payload: WirePayload } | { kind: 'delete' } | { kind: 'leave' } | { kind: 'void' } | { kind: 'hold' } | { kind: 'refuse', error: SyncError }

/** Whatever goes wrong with one edit is that edit's problem: its neighbours are sent. */
function tryReadEdit(...edit: Parameters<typeof readEdit>): Edit {
  try { return readEdit(...edit) }
  catch (error) { return { kind: 'refuse', error: toSyncError(error) } }
}

function readEdit(context: EngineContext, table: SyncTable, key: string, entry: OutboxEntry, rows: Map<string, StoredRow | undefined>, { recentWrites, mayHaveArrived }: CollectOptions): Edit {
  if (entry.op === 'delete') return { kind: 'delete' }
  const inMemory = recentWrites.get(key, entry.opId)
  if (!rows.has(key) && inMemory) return { kind: 'put', payload: inMemory }
  const row = rows.get(key)
  // The row is gone, or belongs to another edit, and no later entry says why: an older engine, or a hand in the database.
  if (!row || row.op_id === undefined || compareRevisions(revisionOf(row), entry) < 0) return { kind: 'void' }
  if (context.isExcluded(table, row)) {
    const isNobodyElses = entry.base === null && !entry.requeued && !mayHaveArrived(key)
    return { kind: entry.turnedPrivate || isNobodyElses ? 'void' : 'leave' }
  }
  if (askTable(table, 'capture', row) === false) return { kind: 'hold' }
  // Written again since this window was read: the row speaks for itself, under its own newer revision.
  if (row.op_id !== entry.opId) Object.assign(entry, revisionOf(row))
  return { kind: 'put', payload: inMemory && row.op_id === entry.opId ? inMemory : encodeLocalRow(table, row).payload }
}

function revisionOf(row: StoredRow) {
  return { clock: row.clock ?? 0, hlc: row.hlc ?? '', opId: row.op_id ?? '' }
}

/** An outbox entry as it travels. */
export function toPendingOp(context: EngineContext, entry: OutboxOp & { tableName: string }, payload: WirePayload | undefined, { base, unheard }: Pick<PendingOp, 'base' | 'unheard'>, createdAt: number): PendingOp {
  return {
    id: entry.opId,
    tableName: entry.tableName,
    operation: entry.op,
    pk: entry.pk,
    ...(payload ? { payload } : {}),
    stamp: { deviceId: context.deviceId(), opId: entry.opId, hlc: entry.hlc, clock: entry.clock },
    ...(base === undefined ? {} : { base: base && isHlc(base.hlc) && isClock(base.clock) ? base : null }),
    ...(unheard?.length ? { unheard } : {}),
    createdAt,
    attempts: 0,
    status: 'syncing',
  }
}

/** What the server would refuse is refused here: it saves the round trip and tells the app at once. */
export function checkPayload(table: SyncTable, pk: string, payload: WirePayload, size: number): SyncError | null {
  if (size > table.maxBytes) return new SyncError('OVERSIZED', `payload: ${size} bytes of JSON, table "${table.name}" takes at most ${table.maxBytes}`)
  const problem = validatePayload(table, pk, payload)
  return problem ? new SyncError('VALIDATION_ERROR', problem) : null
}
