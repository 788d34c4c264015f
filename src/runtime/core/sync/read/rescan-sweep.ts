import { ENGINE_TABLES } from '../../../shared/sync/engine-tables'
import { PUSH_MAX_OPS } from '../../../shared/sync/limits'
import { compareRevisions, type Revision } from '../../../shared/sync/revision'
import type { SyncTable } from '../../../shared/sync/sync-schema'
import { applyTransaction } from '../database/apply-transaction'
import type { OutboxOp } from '../database/engine-records'
import type { EngineContext } from '../engine-context'
import { OutboxView } from '../outbox/outbox-view'
import { recordKey } from '../record-key'

type StoredRow = Record<string, unknown> & { clock?: number, hlc?: string, op_id?: string }

export interface SweepOptions {
  tables: readonly string[]
  /** What the store told of. */
  seen: ReadonlyMap<string, Revision>
  /** Records that were here before the rescan began. */
  before: ReadonlySet<string>
  /** Records acknowledged since it began: the walk may have passed them. */
  acknowledged: ReadonlySet<string>
  /** Throws when another tab has walked meanwhile: what was seen is old then. Called within the transaction. */
  checkWalk: () => Promise<void>
}

/** Keys of every record that is here now, applied or set aside: what a later sweep may touch. */
export async function listSyncedRecords(context: EngineContext, tables: readonly string[]): Promise<Set<string>> {
  const keys = new Set<string>()
  for (const name of tables) {
    for (const pk of await context.db.table<StoredRow, string>(name).toCollection().primaryKeys()) keys.add(recordKey(name, pk))
  }
  for (const [name, pk] of await context.db.sync_quarantine.toCollection().primaryKeys()) if (tables.includes(name)) keys.add(recordKey(name, pk))
  return keys
}

/** Removes rows that the store no longer has. Local edits, pending, held or refused, stay, and so does what never was synced. */
export async function sweepMissing(context: EngineContext, options: SweepOptions): Promise<number> {
  const { db } = context
  return await applyTransaction(db, [...options.tables, ENGINE_TABLES.pendingOps, ENGINE_TABLES.quarantine, ENGINE_TABLES.state], async () => {
    await options.checkWalk()
    const outbox = new OutboxView(await db.pending_ops.toArray())
    let removed = 0
    for (const name of options.tables) {
      const gone = await missingRows(context, context.schema.tables[name]!, options, key => !outbox.entries(key).length && options.before.has(key) && !options.acknowledged.has(key))
      await db.table(name).bulkDelete(gone.map(({ pk }) => pk))
      removed += gone.length
    }
    // What was set aside is the store's: where the store has forgotten it, it must not come back from here.
    await db.sync_quarantine.filter(({ tableName, pk }) => {
      const key = recordKey(tableName, pk)
      return options.tables.includes(tableName) && options.before.has(key) && !options.seen.has(key)
    }).delete()
    return removed
  })
}

/** After a restored store: queues again whatever is higher here than there, or absent there, deletes as well. Nothing is removed. */
export async function requeueMissing(context: EngineContext, options: SweepOptions): Promise<number> {
  const { db } = context
  return await applyTransaction(db, [...options.tables, ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones, ENGINE_TABLES.state], async () => {
    await options.checkWalk()
    const outbox = new OutboxView(await db.pending_ops.toArray())
    const free = (key: string) => !outbox.entries(key).length
    let queued = 0
    for (const name of options.tables) {
      const rows = await missingRows(context, context.schema.tables[name]!, options, free)
      const ops = rows.map(({ pk, row }): OutboxOp => ({ pk, op: 'put', clock: row.clock!, hlc: row.hlc!, opId: row.op_id!, base: null }))
      const tombstones = await db.tombstones.where('[tableName+pk]').between([name], [name, []]).toArray()
      for (const { pk, clock, hlc, op_id } of tombstones) {
        const theirs = options.seen.get(recordKey(name, pk))
        if (free(recordKey(name, pk)) && (!theirs || compareRevisions({ clock, hlc, opId: op_id }, theirs) > 0)) ops.push({ pk, op: 'delete', clock, hlc, opId: op_id, base: null })
      }
      for (let start = 0; start < ops.length; start += PUSH_MAX_OPS) {
        await db.pending_ops.add({ tableName: name, status: 'pending', createdAt: context.env.clock.now(), ops: ops.slice(start, start + PUSH_MAX_OPS) })
      }
      queued += ops.length
    }
    return queued
  })
}

/** Synced rows that the store did not tell of, or told of in a lower revision. */
async function missingRows(context: EngineContext, table: SyncTable, { seen }: SweepOptions, counts: (key: string) => boolean): Promise<{ pk: string, row: StoredRow }[]> {
  const missing: { pk: string, row: StoredRow }[] = []
  await context.db.table<StoredRow, string>(table.name).each((row) => {
    const pk = row[table.primaryKey] as string
    const key = recordKey(table.name, pk)
    if (row.op_id === undefined || context.isExcluded(table, row) || !counts(key)) return
    const theirs = seen.get(key)
    const here = { clock: row.clock ?? 0, hlc: row.hlc ?? '', opId: row.op_id }
    if (!theirs || compareRevisions(here, theirs) > 0) missing.push({ pk, row })
  })
  return missing
}
