import type { DBCoreAddRequest, DBCoreMutateResponse, DBCorePutRequest } from 'dexie'
import Dexie from 'dexie'
import { nextClock } from '../../../shared/sync/protocol/revision'
import type { BaseRevision } from '../../../shared/sync/protocol/types'
import type { TombstoneRecord } from '../records/engine-records'
import { revisionBeside } from '../decide/given-up-tombstone'
import type { CapturedOp } from '../records/captured-op'
import type { CaptureContext } from './capture-context'
import { readStored } from './read-stored'
import { takeRow, type TakenRow } from './take-row'
import { writeOutbox } from './write-outbox'

type Row = Record<string, unknown> & { clock?: number, hlc?: string, op_id?: string }

interface Stamped {
  values: Row[]
  ops: CapturedOp[]
  /** Index into `values` of each op. */
  positions: number[]
  /** By primary key: the tombstone to write (null: delete it), and the index into `values` of the edit that decides this. */
  tombstones: Map<string, { record: TombstoneRecord | null, position: number }>
  /** Indexes into `values` of rows that were private and are shared now. */
  noLongerPrivate: number[]
}

/**
 * Stamps the rows of an `add` or `put` with their next revision and writes their outbox entries.
 *
 * @throws SyncError for a row that is refused; then nothing was written. After any other error a part may be written, so the caller must abort the
 * transaction.
 */
export function capturePut(context: CaptureContext, request: DBCoreAddRequest | DBCorePutRequest): Promise<DBCoreMutateResponse> {
  // All rows are checked before the first read or write, so that a refusal leaves nothing half done.
  const rows = (request.values as readonly Row[]).map(row => takeRow(context, row))

  return readStored(context, request.type, rows.map(({ pk }) => pk)).then(({ existing, tombstones }) => {
    const stamped = stamp(context, rows, existing, tombstones)
    const write = request.type === 'add'
      ? addThenQueue(context, request, stamped)
      : putAndQueue(context, request, stamped)
    return write.then((response) => {
      const noLongerPrivate = stamped.noLongerPrivate.filter(position => !response.failures[position])
      if (noLongerPrivate.length) context.noLongerPrivate(noLongerPrivate.map(position => rows[position]!.pk))
      return writeTombstones(context, stamped, response).then(() => response)
    })
  })
}

function writeTombstones(context: CaptureContext, { tombstones }: Stamped, { failures }: DBCoreMutateResponse) {
  const { trans, table } = context
  const written = [...tombstones].filter(([, { position }]) => !failures[position])
  const values = written.flatMap(([, { record }]) => record ?? [])
  const keys = written.flatMap(([pk, { record }]) => record ? [] : [[table.name, pk]])
  return Dexie.Promise.all([
    values.length ? context.tombstones.mutate({ type: 'put', trans, values }) : null,
    keys.length ? context.tombstones.mutate({ type: 'delete', trans, keys }) : null,
  ])
}

function stamp(
  context: CaptureContext,
  rows: readonly TakenRow[],
  existing: (Row | undefined)[],
  tombstones: Map<string, TombstoneRecord>,
): Stamped {
  const { table, options } = context
  const result: Stamped = { values: [], ops: [], positions: [], tombstones: new Map(), noLongerPrivate: [] }
  // If one call writes the same key twice, the later edit is made upon the earlier one.
  const latest = new Map<string, Row>()
  const hlc = options.hlc.next()
  const createdAt = options.env.clock.now()
  rows.forEach(({ pk, row, payload, size, isExcluded, isHeld }, index) => {
    const before = latest.get(pk) ?? existing[index]
    const tombstone = result.tombstones.has(pk) ? result.tombstones.get(pk)!.record : tombstones.get(pk)
    const revision = { clock: nextClock(Math.max(before?.clock ?? 0, tombstone?.clock ?? 0)), hlc, opId: options.env.uuid() }
    const value = row as Row
    value.clock = revision.clock
    value.hlc = revision.hlc
    // A private row gets no op id. With one, a rescan would remove the row, because the store does not have it.
    if (!isExcluded) value.op_id = revision.opId
    result.values.push(value)
    latest.set(pk, value)
    // A row that is private and was private before has no outbox entry. One that others have is deleted for them.
    if (isExcluded && !before?.op_id) return
    if (isExcluded) result.tombstones.set(pk, { position: index, record: { tableName: table.name, pk, clock: revision.clock, hlc, op_id: revision.opId, deletedAt: createdAt } })
    else if (tombstone) result.tombstones.set(pk, { position: index, record: null })
    if (before && !before.op_id) result.noLongerPrivate.push(index)
    result.positions.push(index)
    result.ops.push({
      edit: { ...revision, pk, op: isExcluded ? 'delete' : 'put', ...baseOf(before, tombstone) },
      tableName: table.name,
      createdAt,
      held: isHeld,
      ...(isExcluded ? { size: 0 } : { payload, size }),
    })
  })
  return result
}

/** The base of an edit: the revision of the stored row. If there is none, or it is private: that of the record's tombstone. */
function baseOf(before: Row | undefined, tombstone: TombstoneRecord | null | undefined): { base: BaseRevision | null, unheard?: string[] } {
  if (!before?.op_id) return tombstone ? { base: revisionBeside(tombstone), ...(tombstone.unheard ? { unheard: tombstone.unheard } : {}) } : { base: null }
  return { base: before.clock !== undefined && before.hlc !== undefined ? { clock: before.clock, hlc: before.hlc } : null }
}

/** Single rows of a `put` hardly ever fail, so rows and outbox entries are written at the same time, which is faster. */
function putAndQueue(context: CaptureContext, request: DBCorePutRequest, stamped: Stamped): Promise<DBCoreMutateResponse> {
  const put = context.down.mutate({ ...request, values: stamped.values })
  const queue = writeOutbox(context, stamped.ops)
  return Dexie.Promise.all([put, queue]).then(([response, outboxKeys]) => {
    if (response.numFailures === 0) {
      context.captured(stamped.ops)
      return response
    }
    // IndexedDB has refused some rows after all: their outbox entries must go.
    return context.outbox.mutate({ type: 'delete', trans: context.trans, keys: outboxKeys })
      .then(() => queueSuccesses(context, stamped, response))
  }) as unknown as Promise<DBCoreMutateResponse>
}

/** An `add` fails for rows whose key exists, and the app may catch that. So outbox entries are written only for what was added. */
function addThenQueue(context: CaptureContext, request: DBCoreAddRequest, stamped: Stamped): Promise<DBCoreMutateResponse> {
  return context.down.mutate({ ...request, values: stamped.values }).then(response => queueSuccesses(context, stamped, response))
}

function queueSuccesses(context: CaptureContext, stamped: Stamped, response: DBCoreMutateResponse): Promise<DBCoreMutateResponse> {
  const ops = stamped.ops.filter((_, index) => !response.failures[stamped.positions[index]!])
  if (!ops.length) return Promise.resolve(response)
  return writeOutbox(context, ops).then(() => {
    context.captured(ops)
    return response
  }) as unknown as Promise<DBCoreMutateResponse>
}
