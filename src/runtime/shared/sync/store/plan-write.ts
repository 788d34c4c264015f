import { createHybridClock, createNodeId } from '../protocol/hlc'
import type { HybridClock } from '../protocol/hlc'
import { REQUEST_MAX_BYTES, REQUEST_MAX_OPS } from '../protocol/limits'
import { recordKey } from '../protocol/record-key'
import { nextClock } from '../protocol/revision'
import type { Revision } from '../protocol/revision'
import type { PushLimits, WireErrorCode, WirePayload } from '../protocol/types'
import { utf8Length } from '../protocol/utf8-length'
import { encodeRow } from '../rows/encode-row'
import { upgradedOrSame } from '../rows/upgrade-row'
import { problemField, toLocalRow } from '../rows/validate-payload'
import type { SyncSchema, SyncTable } from '../schema/sync-schema'
import { tablesOnWire } from '../schema/wire-names'
import { planPush } from './plan-push'
import type { AcceptedOp } from './push-item'
import { readOp } from './read-op'
import { shownRevision } from './record-row'
import type { RecordRow } from './record-row'
import type { ServerEdit, ServerWriter } from './server-edit'

/** The device id in the stamps of the server's own edits. */
export const SERVER_DEVICE = 'server'

export interface WriteInput {
  schema: SyncSchema
  /** In the caller's order, each record once. */
  edits: readonly ServerEdit[]
  /** The workspace's version before the write. */
  version: number
  /** The stored row of each record, by `recordKey`, with its payload. Tombstones and collected ones are needed too. */
  rows: ReadonlyMap<string, RecordRow>
  /** The stored state of the workspace's own clock. Null: the server has not written there yet. */
  writer: ServerWriter | null
  /** Epoch milliseconds at the store. */
  now: number
  /** What one write may hold. `replacedBytes` counts only where it is given. Default: 1,000 edits and 1 MiB of payloads. */
  limits?: Partial<PushLimits>
}

export interface WriteRefusal {
  ok: false
  code: Extract<WireErrorCode, 'CONFLICT' | 'NOT_FOUND' | 'OVERSIZED' | 'VALIDATION_ERROR'>
  /** Names the edit, its record, and the field if one is wrong. */
  message: string
  /** The place of the edit in `edits`. */
  index: number
  /** The field that is wrong. Absent: it is not about one field. */
  field?: string
}

export interface PlannedWrite {
  ok: true
  /** The rows to store, in the order of versions. Empty: nothing is to be stored, not even the writer. */
  writes: RecordRow[]
  /** For each of `writes`, the revision of the row that stood there before. Null: there was none, or it was deleted. */
  previous: (Revision | null)[]
  /** The record of each edit as it is after the write, in the order of `edits`. Null: a record to be deleted that does not exist. */
  rows: (RecordRow | null)[]
  /** To be stored with `writes`. Null: nothing was ever written. */
  writer: ServerWriter | null
  /** The workspace's version after the write. */
  version: number
}

export type WritePlan = PlannedWrite | WriteRefusal

/**
 * Decides one write of the server's own: all of it is stored, or nothing. Pure but for the node of a workspace's first write, and the same for
 * every store. The caller reads the rows and the writer before, and stores the result, in one transaction.
 *
 * Each edit is stamped above the stored revision of its record, so it always becomes the record's revision. If a stored row carries the op id
 * of its edit, the write was stored before and only its answer was lost. Then nothing is written again.
 */
export function planWrite(input: WriteInput): WritePlan {
  if (input.edits.some(edit => storedRow(input, edit)?.stamp.opId === edit.opId)) return repeated(input)
  const unmet = input.edits.findIndex(edit => !isExpected(edit, storedRow(input, edit)))
  if (unmet >= 0) return writeRefusal(input, unmet, 'CONFLICT', conflictOf(storedRow(input, input.edits[unmet]!)))
  const clock = openClock(input)
  const items: AcceptedOp[] = []
  for (const [index, edit] of input.edits.entries()) {
    const stored = storedRow(input, edit)
    // There is nothing to delete. This is no error, because the record is as the caller wants it.
    if (edit.kind === 'delete' && (!stored || stored.op === 'delete')) continue
    const item = readEdit(input, index, clock)
    if ('ok' in item) return item
    items.push(item)
  }
  return tooLarge(input, items) ?? planned(input, items, clock)
}

function storedRow({ rows }: WriteInput, { tableName, pk }: { tableName: string, pk: string }): RecordRow | undefined {
  return rows.get(recordKey(tableName, pk))
}

function repeated(input: WriteInput): PlannedWrite {
  const rows = input.edits.map(edit => storedRow(input, edit) ?? null)
  return { ok: true, writes: [], previous: [], rows, writer: input.writer, version: input.version }
}

function isExpected({ expect }: ServerEdit, stored: RecordRow | undefined): boolean {
  if (expect === undefined) return true
  if (expect === null) return !stored || stored.op === 'delete'
  return stored?.stamp.clock === expect.clock && stored.stamp.hlc === expect.hlc
}

function conflictOf(stored: RecordRow | undefined): string {
  const found = !stored ? 'there is no such record' : stored.op === 'delete' ? 'it is deleted' : `it is { clock: ${stored.stamp.clock}, hlc: "${stored.stamp.hlc}" }`
  return `expect: the record is not in the expected revision: ${found}`
}

/** A clock that goes on above everything that this workspace's server has given out, and above the stored rows. */
function openClock({ writer, now, edits, rows }: WriteInput): HybridClock {
  const clock = createHybridClock({ now: () => now, node: writer?.node ?? createNodeId(Math.random) })
  if (writer) clock.restore(writer.hlc)
  for (const { tableName, pk } of edits) {
    const stored = rows.get(recordKey(tableName, pk))
    if (stored) clock.receive(stored.stamp.hlc)
  }
  return clock
}

/** The edit as an op of a push, checked in the same way. */
function readEdit(input: WriteInput, index: number, clock: HybridClock): AcceptedOp | WriteRefusal {
  const edit = input.edits[index]!
  const { tableName, pk, kind, opId } = edit
  const stored = storedRow(input, edit)
  const table = tablesOnWire(input.schema).get(tableName)
  if (kind === 'update' && stored?.op !== 'put') {
    return writeRefusal(input, index, 'NOT_FOUND', stored ? 'the row is deleted; an update changes a row that is there' : 'there is no such row; an update changes a row that is there')
  }
  const item = readOp({
    tableName,
    pk,
    operation: kind === 'delete' ? 'delete' : 'put',
    payload: kind === 'update' && table ? mergeUpdate(table, stored!, edit) : edit.payload,
    stamp: { deviceId: SERVER_DEVICE, opId, hlc: clock.next(), clock: nextClock(stored?.stamp.clock) },
    base: stored ? { clock: stored.stamp.clock, hlc: stored.stamp.hlc } : null,
  }, input.schema)
  if (item.kind === 'op') return item
  const code = item.errorCode === 'OVERSIZED' ? 'OVERSIZED' : 'VALIDATION_ERROR'
  return writeRefusal(input, index, code, item.error, problemField(item.error))
}

/** The stored row in today's shape, with the changed fields. */
function mergeUpdate(table: SyncTable, stored: RecordRow, { payload, removed = [] }: ServerEdit): WirePayload {
  const row = upgradedOrSame(table, toLocalRow(table, JSON.parse(stored.payload!) as WirePayload))
  const merged: WirePayload = { ...encodeRow(row, { names: table }).payload, ...payload }
  return Object.fromEntries(Object.entries(merged).filter(([field]) => !removed.includes(field)))
}

/** What the write would exceed. A single edit is never refused for this: its table's `maxBytes` limits it. */
function tooLarge(input: WriteInput, items: readonly AcceptedOp[]): WriteRefusal | null {
  const { ops = REQUEST_MAX_OPS, bytes = REQUEST_MAX_BYTES, replacedBytes = Infinity } = input.limits ?? {}
  if (input.edits.length > ops) return writeRefusal(input, ops, 'OVERSIZED', `one write has at most ${ops} edits, this one has ${input.edits.length}; write them in parts`)
  if (items.length < 2) return null
  let written = 0
  let replaced = 0
  for (const item of items) {
    written += utf8Length(item.payload ?? '')
    replaced += utf8Length(storedRow(input, item)?.payload ?? '')
    if (written <= bytes && replaced <= replacedBytes) continue
    const what = written > bytes ? `rows of at most ${bytes} bytes together` : `replaces rows of at most ${replacedBytes} bytes together`
    return writeRefusal(input, indexOf(input, item), 'OVERSIZED', `one write has ${what}; write them in parts`)
  }
  return null
}

function indexOf({ edits }: WriteInput, { tableName, pk }: AcceptedOp): number {
  return edits.findIndex(edit => edit.tableName === tableName && edit.pk === pk)
}

function planned(input: WriteInput, items: readonly AcceptedOp[], clock: HybridClock): PlannedWrite {
  const { version, rows, edits } = input
  // The stamps are our own, so none counts as too far ahead, even if the server's clock was set back.
  const plan = planPush({ version, rows, items, remembered: new Map(), now: Infinity })
  const written = new Map(plan.writes.map(row => [recordKey(row.tableName, row.pk), row]))
  if (written.size !== items.length) throw new Error('planWrite: an edit did not become the revision of its record')
  return {
    ok: true,
    writes: [...plan.writes],
    previous: plan.writes.map(row => shownRevision(storedRow(input, row))),
    rows: edits.map(edit => written.get(recordKey(edit.tableName, edit.pk)) ?? null),
    writer: items.length > 0 ? { node: clock.node(), hlc: clock.last()! } : input.writer,
    version: plan.version,
  }
}

/** What a write is refused with: says which edit of which record it is, and what is wrong. */
export function writeRefusal({ schema, edits }: Pick<WriteInput, 'schema' | 'edits'>, index: number, code: WriteRefusal['code'], problem: string, field?: string): WriteRefusal {
  const { tableName, kind, pk } = edits[index]!
  const table = tablesOnWire(schema).get(tableName)?.name ?? tableName
  return { ok: false, code, message: `edits[${index}], ${kind} of ${table} "${pk}": ${problem}`, index, ...field !== undefined && { field } }
}
