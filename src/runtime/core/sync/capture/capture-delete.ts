import type { DBCoreDeleteRangeRequest, DBCoreDeleteRequest, DBCoreMutateResponse } from 'dexie'
import Dexie from 'dexie'
import { nextClock } from '../../../shared/sync/protocol/revision'
import type { TombstoneRecord } from '../records/engine-records'
import type { CapturedOp } from '../records/captured-op'
import type { CaptureContext } from './capture-context'
import { readTombstones } from './read-tombstones'
import { writeOutbox } from './write-outbox'

type Row = Record<string, unknown> & { clock?: number, hlc?: string, op_id?: string }

/** Captures a `delete` by keys: each row that exists becomes a tombstone and an outbox entry. Keys without a row are skipped. */
export function captureDelete(context: CaptureContext, request: DBCoreDeleteRequest): Promise<DBCoreMutateResponse> {
  return context.down.getMany({ trans: context.trans, keys: request.keys, cache: 'immutable' }).then(rows =>
    deleteAndQueue(context, rows as (Row | undefined)[], () => context.down.mutate(request)))
}

/** Captures `clear()` and `Collection.delete()`: each row in the range becomes a tombstone and an outbox entry. */
export function captureDeleteRange(context: CaptureContext, request: DBCoreDeleteRangeRequest): Promise<DBCoreMutateResponse> {
  const { down, trans } = context
  return down.query({ trans, values: true, query: { index: down.schema.primaryKey, range: request.range } }).then(({ result }) =>
    deleteAndQueue(context, result as Row[], () => down.mutate(request)))
}

/** Private rows are deleted. With them go their given-up tombstones, which say what the other devices have of the same records. */
function forgetPrivate(context: CaptureContext, pks: readonly string[]): PromiseLike<unknown> {
  const { tombstones, trans } = context
  context.noLongerPrivate(pks)
  return readTombstones(context, pks).then((found) => {
    const keys = [...found.values()].filter(({ isGivenUp }) => isGivenUp).map(({ tableName, pk }) => [tableName, pk])
    return keys.length ? tombstones.mutate({ type: 'delete', trans, keys }) : undefined
  })
}

function deleteAndQueue(context: CaptureContext, rows: readonly (Row | undefined)[], remove: () => Promise<DBCoreMutateResponse>): Promise<DBCoreMutateResponse> {
  const { table, options, trans } = context
  const own: string[] = []
  const hlc = options.hlc.next()
  const createdAt = options.env.clock.now()
  const tombstones: TombstoneRecord[] = []
  const ops: CapturedOp[] = []
  const seen = new Set<string>()
  for (const row of rows) {
    if (!row) continue
    // A row without an op id is private: the others must not be sent a delete for it.
    const pk = row[table.primaryKey] as string
    if (!row.op_id) {
      own.push(pk)
      continue
    }
    if (seen.has(pk)) continue
    seen.add(pk)
    const revision = { clock: nextClock(row.clock), hlc, opId: options.env.uuid() }
    tombstones.push({ tableName: table.name, pk, clock: revision.clock, hlc, op_id: revision.opId, deletedAt: createdAt })
    ops.push({
      edit: { ...revision, pk, op: 'delete', base: { clock: row.clock ?? 0, hlc: row.hlc ?? '' } },
      tableName: table.name,
      createdAt,
      held: false,
      size: 0,
    })
  }
  const forgotten = own.length ? forgetPrivate(context, own) : null
  if (!ops.length) return Dexie.Promise.all([remove(), forgotten]).then(([response]) => response) as unknown as Promise<DBCoreMutateResponse>
  return Dexie.Promise.all([
    remove(),
    context.tombstones.mutate({ type: 'put', trans, values: tombstones }),
    writeOutbox(context, ops),
    forgotten,
  ]).then(([response]) => {
    context.captured(ops)
    return response
  }) as unknown as Promise<DBCoreMutateResponse>
}
