import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
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
import { encodeLocalRow, plainRow } from '../rows/encode-local-row'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import type { IndexedEdit } from '../queue/outbox-index'
import type { OutboxEntry, OutboxView } from '../queue/outbox-view'
import type { OutboxWindow } from '../queue/outbox-window'
import { BatchPacker, type BatchLimits, type PackedOp } from './batch-packer'
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
  /** In the order of their first edits. */
  ops: CollectedOp[]
  /** The ops belong to groups that go together: the batch cannot be smaller without cutting one. */
  isOneGroup: boolean
  /** Set when a group is too large for one push, and this has just been found out. It is cut. */
  split?: GroupSplit
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

export interface GroupSplit {
  ops: number
  /** Into how many parts it is cut, as far as is known. */
  parts: number
  /** The id of the last outbox record that belongs to it. */
  until: number
}

export interface CollectOptions {
  limits: BatchLimits
  /** Outbox records up to this id belong to groups that are being cut already. 0: none are. */
  cutUntil: number
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
      ops: [], isOneGroup: false, refused: [], misstamped: [], retracted: [], obsolete: [], held: [], released: [], recordIds: [], lastRecord: outbox.last, more: false, waiting: hasRefused || (hasHeld && !options.withHeld), whole: false, incarnation: context.incarnation(),
    }
    // Records that were looked at already. Without this, many records that cannot be sent would hide the edits behind them for ever.
    const seen = new Set<string>()
    const isDue = (edit: IndexedEdit) => !options.skip(edit)
    for (;;) {
      const { limits: { target, most }, cutUntil, withHeld } = options
      const window = outbox.window({ size: Math.max(target.ops, Math.min(LEAST_LOOKED_AT, most.ops)), limit: most.ops, cutUntil, isDue, withHeld, without: seen })
      const { keys, more, waiting, tooMany } = window
      outbox.takeStale()
      const view = await outbox.view(keys)
      if (outbox.takeStale()) continue
      batch.more = more
      batch.waiting ||= waiting
      const due = pickDue(batch, view, keys, options)
      fill(context, batch, view, { window, due, rows: await readRows(db, context, due, options.recentWrites) }, options)
      if (tooMany && batch.ops.length) batch.split = { ops: tooMany.records, parts: Math.ceil(tooMany.records / target.ops), until: tooMany.until }
      for (const key of keys) seen.add(key)
      batch.recordIds.push(...recordsOf(batch, view))
      if (!batch.more || batch.ops.length + batch.refused.length + batch.misstamped.length + batch.retracted.length) return { ...batch, recordIds: [...new Set(batch.recordIds)] }
    }
  })
}

/** The newest edit of each record, if it is due. These may be more than fit in the batch, because some may turn out to be held. */
function pickDue(batch: CollectedBatch, view: OutboxView, keys: readonly string[], options: CollectOptions): DueEdit[] {
  const due: DueEdit[] = []
  for (const [position, key] of keys.entries()) {
    const latest = view.sendable(key)
    // Another tab has sent it meanwhile.
    if (!latest) continue
    if (options.skip(latest)) batch.waiting = true
    else due.push({ key, entry: latest, position })
  }
  return due
}

/** Ids of the outbox records that hold edits of the records in the batch. */
function recordsOf(batch: CollectedBatch, view: OutboxView): Set<number> {
  const keys = [...[...batch.ops, ...batch.refused, ...batch.misstamped].map(({ key }) => key), ...batch.retracted, ...batch.obsolete, ...batch.held, ...batch.released]
  return new Set(keys.flatMap(key => view.entries(key).map(entry => entry.record.id!)))
}

/** The rows whose payloads are not in memory, or whose table asks `capture` or `exclude` again, by record key. */
async function readRows(db: EngineDatabase, context: EngineContext, due: readonly DueEdit[], recent: RecentWrites): Promise<Map<string, StoredRow | undefined>> {
  const rows = new Map<string, StoredRow | undefined>()
  const wanted = new Map<string, string[]>()
  for (const { key, entry } of due) {
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

interface DueEdit {
  key: string
  entry: OutboxEntry
  /** Its place in the window's `keys`. */
  position: number
}

interface Found {
  window: OutboxWindow
  due: readonly DueEdit[]
  rows: Map<string, StoredRow | undefined>
}

/** Adds edits to the batch until it is full, and sorts out what must not be sent. */
function fill(context: EngineContext, batch: CollectedBatch, view: OutboxView, { window, due, rows }: Found, options: CollectOptions): void {
  const packer = new BatchPacker(window, options.limits)
  for (const { key, entry, position } of due) {
    const op = sortOut(context, batch, view, { key, entry, rows, options })
    if (op && !packer.add(op, position)) {
      batch.more = true
      break
    }
  }
  const { cutBytes, ...packed } = packer.packed()
  Object.assign(batch, packed)
  if (cutBytes === undefined) return
  const group = due.filter(({ position }) => position < (window.ends[0] ?? Infinity))
  batch.split = { ops: group.length, parts: Math.max(2, Math.ceil(cutBytes / options.limits.target.bytes)), until: lastRecordOf(group, view) }
}

function lastRecordOf(edits: readonly { key: string }[], view: OutboxView): number {
  return Math.max(...edits.flatMap(({ key }) => view.entries(key).map(({ record }) => record.id!)))
}

/** The op of an edit if it is to be sent. Otherwise notes in the batch what becomes of the edit. */
function sortOut(context: EngineContext, batch: CollectedBatch, view: OutboxView, { key, entry, rows, options }: Omit<DueEdit, 'position'> & Pick<Found, 'rows'> & { options: CollectOptions }): PackedOp | undefined {
  const table = context.schema.tables[entry.tableName]
  // The app no longer declares this table: its edits wait until it does again.
  if (!table) {
    batch.waiting = true
    return
  }
  const read = tryReadEdit(context, table, key, entry, rows, options)
  if (read.kind === 'obsolete') return void batch.obsolete.push(key)
  if (read.kind === 'retract') return void batch.retracted.push(key)
  if (read.kind === 'hold') {
    batch.waiting = true
    if (view.entries(key).some(({ record }) => record.status === 'pending')) batch.held.push(key)
    return
  }
  if (entry.record.status === 'held') batch.released.push(key)
  const op = toPendingOp(entry, {
    tableName: entry.tableName, deviceId: context.deviceId(), payload: read.kind === 'put' ? read.payload : undefined, base: view.base(key), unheard: view.unheard(key), createdAt: entry.record.createdAt, status: 'syncing',
  })
  if (stampProblem(op.stamp)) return void batch.misstamped.push({ key, op })
  if (read.kind === 'refuse') return void batch.refused.push({ key, op, error: read.error, row: plainRow(rows.get(key) ?? {}) })
  const bytes = read.kind === 'put' ? utf8Length(JSON.stringify(read.payload)) : 0
  const error = read.kind === 'put' ? checkPayload(table, entry.pk, read.payload, bytes) : null
  if (error) return void batch.refused.push({ key, op, error })
  return { key, op, bytes, ...(entry.aside ? { aside: entry.aside } : {}) }
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
