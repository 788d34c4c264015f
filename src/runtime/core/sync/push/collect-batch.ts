import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
import { PUSH_MAX_BYTES } from '../../../shared/sync/protocol/limits'
import { compareRevisions } from '../../../shared/sync/protocol/revision'
import { stampProblem } from '../../../shared/sync/protocol/stamp-problem'
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
import { recordKey } from '../../../shared/sync/protocol/record-key'
import type { IndexedEdit } from '../queue/outbox-index'
import type { OutboxEntry, OutboxView } from '../queue/outbox-view'
import type { RecentWrites } from './recent-writes'
import { toPendingOp } from '../records/pending-op'
import { storedRows, type StoredRow } from '../records/stored-rows'

/** At least so many records are looked at for a batch, because some of them may turn out to be held. */
const LEAST_LOOKED_AT = 100

export interface CollectedOp {
  key: string
  op: PendingOp
  /** Set when the edit has waited aside, because it was refused alone. */
  aside?: AsideState
}

/** An op that is not sent, because the store would refuse it. */
export interface RefusedOp extends CollectedOp {
  error: SyncError
  /** The stored row, where the op has no payload because none could be made from it. */
  row?: Record<string, unknown>
}

export interface CollectedBatch {
  /** At most `maxOps` ops, in the order of their first edits. */
  ops: CollectedOp[]
  refused: RefusedOp[]
  /** Ops with a malformed stamp: they get a new one (`mend-stamps.ts`). */
  misstamped: CollectedOp[]
  /** Records whose row became private, and which others have or may have: their edit becomes a delete (`turn-private.ts`). */
  retracted: string[]
  /** Records whose outbox entries stand for nothing any more, and are removed: the row is gone, or it became private and nothing has to be sent for it. */
  obsolete: string[]
  /** Records whose edits have to wait from now on, because `capture` says so. */
  held: string[]
  /** Held records whose edits may go now. */
  released: string[]
  /** Ids of the outbox records that hold these entries. */
  recordIds: number[]
  /** The highest outbox record id that was read. */
  lastRecord: number
  /** Whether more edits are due than fit. */
  more: boolean
  /** Whether entries stay in the outbox that cannot be sent now: held, refused, not due yet, or of a table that this app lacks. */
  waiting: boolean
  /** Whether the batch has every edit of its outbox records. */
  whole: boolean
  /** The database that it was read from. See `EngineContext.incarnation`. */
  incarnation: number
}

export interface CollectOptions {
  maxOps: number
  /** Whether an edit must stay out of this batch, for example because it is not due yet. */
  skip: (op: Pick<OutboxOp, 'opId' | 'aside'>) => boolean
  /** Whether `capture` is asked about held edits again. A held row that was written again is looked at in any case. */
  withHeld: boolean
  /** Whether the store may have an edit of the record that it has not answered. */
  mayHaveArrived: (key: string) => boolean
  recentWrites: RecentWrites
}

/** Reads the next batch from the outbox, and sorts out what must not be sent. Each record is sent once: its newest edit, with the base of its oldest one. */
export async function collectBatch(context: EngineContext, options: CollectOptions): Promise<CollectedBatch> {
  const { db, outbox } = context
  return await db.transaction('r!', [db.pending_ops, db.tombstones, ...context.appTables], async () => {
    await outbox.refresh()
    const [hasHeld, hasRefused] = await Promise.all([outbox.has('held'), outbox.has('failed')])
    const batch: CollectedBatch = {
      ops: [], refused: [], misstamped: [], retracted: [], obsolete: [], held: [], released: [], recordIds: [], lastRecord: outbox.last, more: false, waiting: hasRefused || (hasHeld && !options.withHeld), whole: false, incarnation: context.incarnation(),
    }
    // Records that were looked at already. Without this, many records that cannot be sent would hide the edits behind them for ever.
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
      if (!batch.more || batch.ops.length + batch.refused.length + batch.misstamped.length + batch.retracted.length) return { ...batch, recordIds: [...new Set(batch.recordIds)] }
    }
  })
}

/** The newest edit of each record, if it is due. These may be more than fit in the batch, because some may turn out to be held. */
function pickDue(batch: CollectedBatch, view: OutboxView, keys: readonly string[], options: CollectOptions): [string, OutboxEntry][] {
  const due: [string, OutboxEntry][] = []
  for (const key of keys) {
    const latest = view.sendable(key)
    // Another tab has sent it meanwhile.
    if (!latest) continue
    if (options.skip(latest)) batch.waiting = true
    else due.push([key, latest])
  }
  return due
}

/** How many records are looked at at a time. */
function lookedAt({ maxOps }: CollectOptions): number {
  return Math.max(maxOps, LEAST_LOOKED_AT)
}

/** Ids of the outbox records that hold edits of the records in the batch. */
function recordsOf(batch: CollectedBatch, view: OutboxView): Set<number> {
  const keys = [...[...batch.ops, ...batch.refused, ...batch.misstamped].map(({ key }) => key), ...batch.retracted, ...batch.obsolete, ...batch.held, ...batch.released]
  return new Set(keys.flatMap(key => view.entries(key).map(entry => entry.record.id!)))
}

/** The rows whose payloads are not in memory, or whose table asks `capture` or `exclude` again, by record key. */
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
    const found = await storedRows(db, tableName).bulkGet(pks)
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
    // The app no longer declares this table: its edits wait until it does again.
    if (!table) {
      batch.waiting = true
      continue
    }
    const read = tryReadEdit(context, table, key, entry, rows, options)
    if (read.kind === 'obsolete') { batch.obsolete.push(key); continue }
    if (read.kind === 'retract') { batch.retracted.push(key); continue }
    if (read.kind === 'hold') {
      batch.waiting = true
      if (view.entries(key).some(({ record }) => record.status === 'pending')) batch.held.push(key)
      continue
    }
    if (entry.record.status === 'held') batch.released.push(key)
    const op = toPendingOp(entry, {
      tableName: entry.tableName, deviceId: context.deviceId(), payload: read.kind === 'put' ? read.payload : undefined, base: view.base(key), unheard: view.unheard(key), createdAt: entry.record.createdAt, status: 'syncing',
    })
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

type Edit = { kind: 'put', payload: WirePayload } | { kind: 'delete' } | { kind: 'retract' } | { kind: 'obsolete' } | { kind: 'hold' } | { kind: 'refuse', error: SyncError }

/** An error refuses only its own edit. Without this, one broken row would hold up its whole batch. */
function tryReadEdit(...edit: Parameters<typeof readEdit>): Edit {
  try { return readEdit(...edit) }
  catch (error) { return { kind: 'refuse', error: toSyncError(error) } }
}

function readEdit(context: EngineContext, table: SyncTable, key: string, entry: OutboxEntry, rows: Map<string, StoredRow | undefined>, { recentWrites, mayHaveArrived }: CollectOptions): Edit {
  if (entry.op === 'delete') return { kind: 'delete' }
  const inMemory = recentWrites.get(key, entry.opId)
  if (!rows.has(key) && inMemory) return { kind: 'put', payload: inMemory }
  const row = rows.get(key)
  // The row is gone or older than its edit, and no outbox entry says why. An older engine, or somebody in the developer tools, has changed the database.
  if (!row || row.op_id === undefined || compareRevisions(revisionOf(row), entry) < 0) return { kind: 'obsolete' }
  if (context.isExcluded(table, row)) {
    const isUnknownToOthers = entry.base === null && !entry.requeued && !mayHaveArrived(key)
    return { kind: entry.turnedPrivate || isUnknownToOthers ? 'obsolete' : 'retract' }
  }
  if (askTable(table, 'capture', row) === false) return { kind: 'hold' }
  // The row is newer than the outbox entry: it is sent as it is, under its own revision.
  if (row.op_id !== entry.opId) Object.assign(entry, revisionOf(row))
  return { kind: 'put', payload: inMemory && row.op_id === entry.opId ? inMemory : encodeLocalRow(table, row).payload }
}

function revisionOf(row: StoredRow) {
  return { clock: row.clock ?? 0, hlc: row.hlc ?? '', opId: row.op_id ?? '' }
}

/** Why the server would refuse the payload, or null. Checking it here saves the round trip, and the app is told at once. */
export function checkPayload(table: SyncTable, pk: string, payload: WirePayload, size: number): SyncError | null {
  if (size > table.maxBytes) return new SyncError('OVERSIZED', `payload: ${size} bytes of JSON, table "${table.name}" takes at most ${table.maxBytes}`)
  const problem = validatePayload(table, pk, payload)
  return problem ? new SyncError('VALIDATION_ERROR', problem) : null
}
