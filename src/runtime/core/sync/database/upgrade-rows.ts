import type { Transaction } from 'dexie'
import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { outboxRecords } from '../records/outbox-records'
import { changeWishes } from '../progress/refetch-wishes'
import type { OutboxOp, OutboxRecord, TombstoneRecord } from '../records/engine-records'
import { columnsOf, eachChunk, sameColumns, withColumns, type RowRevisions } from '../rows/row-revisions'
import { stampCreatedRow } from './stamp-created-row'
import { upgradeStoredRow, type IsExcluded } from '../rows/upgrade-stored-row'
import { storedRowsIn, type StoredRow } from '../records/stored-rows'

/** What an upgrade of the rows needs from the engine. */
export interface UpgradeOptions {
  isExcluded: IsExcluded
  /** False if nobody is signed in: then rows get no revision. */
  captures: () => boolean
  /** False for a viewer: then rows that a step creates are not queued. */
  canWrite: () => boolean
  /** Epoch milliseconds. */
  now: () => number
}

/** A row that could not be upgraded and stays as it is, or a created row that cannot be synced. `error` says why. */
export interface UpgradeFailure {
  tableName: string
  pk: string
  error: string
}

/**
 * Brings the rows of a table into today's shape, after the app's steps. Must run in the version change transaction.
 *
 * An upgrade is not an edit. So rows that existed `before` the steps keep their revisions, whatever the steps wrote. Rows that a step has created get a
 * revision below every edit, and are queued. `before`: the revisions of all rows before the first step; null: no step has run.
 *
 * @returns the rows that could not be upgraded.
 */
export async function upgradeTableRows(tx: Transaction, table: SyncTable, before: RowRevisions | null, options: UpgradeOptions): Promise<UpgradeFailure[]> {
  const failures: UpgradeFailure[] = []
  if (!before && !table.upgradeRow) return failures
  const known = before?.get(table.name)
  const turnedPrivate = new Set<string>()
  let isUnsent = false
  await eachChunk(tx, table, async (rows) => {
    const chunk: ChunkPlan = { puts: [], deletes: [], sent: [], held: [], unsent: false }
    const deleted = known && options.captures() ? await readDeleted(tx, table, rows.filter(row => !known.has(row[table.primaryKey] as string))) : new Set<string>()
    for (const stored of rows) {
      const pk = stored[table.primaryKey] as string
      const failed = (error: string) => failures.push({ tableName: table.name, pk: String(pk), error })
      const columns = known?.get(pk)
      const row = columns && !sameColumns(columns, columnsOf(stored)) ? withColumns(stored, columns) : stored
      const upgrade = upgradeStoredRow(table, row, options.isExcluded)
      if (!upgrade.ok) failed(upgrade.error)
      const today = upgrade.ok ? upgrade.row : row
      if (known && !columns) planCreated(table, today, { chunk, isDeleted: deleted.has(pk), failed, options })
      else if (today !== stored) chunk.puts.push(today)
      if (upgrade.ok && upgrade.turnedPrivate) turnedPrivate.add(pk)
    }
    await writeChunk(tx, table, chunk, options)
    isUnsent ||= chunk.unsent
  })
  if (isUnsent) await changeWishes({ sync_state: tx.table(ENGINE_TABLES.state) }, { addAsWriter: [table.name] })
  if (turnedPrivate.size) await markTurnedPrivate(tx, table, turnedPrivate)
  return failures
}

interface ChunkPlan {
  puts: StoredRow[]
  deletes: string[]
  sent: OutboxOp[]
  held: OutboxOp[]
  /** A row was created, and the user is a viewer: it is not queued. */
  unsent: boolean
}

interface Creation {
  chunk: ChunkPlan
  /** The record was deleted before. The delete wins over what a step creates. */
  isDeleted: boolean
  failed: (error: string) => void
  options: UpgradeOptions
}

function planCreated(table: SyncTable, row: StoredRow, { chunk, isDeleted, failed, options }: Creation): void {
  if (isDeleted) {
    chunk.deletes.push(row[table.primaryKey] as string)
    return
  }
  if (!options.captures()) {
    chunk.puts.push(withColumns(row, {}))
    return
  }
  const created = stampCreatedRow(table, row, options.isExcluded)
  if (created.error) failed(`a step has created it, and it cannot be synced: ${created.error}`)
  chunk.puts.push(created.row)
  if (!created.op) return
  if (options.canWrite()) (created.isHeld ? chunk.held : chunk.sent).push(created.op)
  else chunk.unsent = true
}

async function writeChunk(tx: Transaction, table: SyncTable, { puts, deletes, sent, held }: ChunkPlan, { now }: UpgradeOptions): Promise<void> {
  const store = storedRowsIn(tx, table.name)
  if (puts.length) await store.bulkPut(puts)
  if (deletes.length) await store.bulkDelete(deletes)
  const records = outboxRecords(table.name, { createdAt: now() }, { sent, held })
  if (records.length) await tx.table<OutboxRecord, number>(ENGINE_TABLES.pendingOps).bulkAdd(records)
}

/** The keys of those rows whose records were deleted before. */
async function readDeleted(tx: Transaction, table: SyncTable, rows: readonly StoredRow[]): Promise<Set<string>> {
  const keys = rows.map(row => row[table.primaryKey]).filter(pk => typeof pk === 'string').map((pk): [string, string] => [table.name, pk])
  const found = await tx.table<TombstoneRecord, [string, string]>(ENGINE_TABLES.tombstones).bulkGet(keys)
  return new Set(found.flatMap(tombstone => tombstone && !tombstone.isGivenUp ? [tombstone.pk] : []))
}

/** Marks the waiting edits of rows that the upgrade has made private. Without the mark they would be sent as deletes, and nobody has asked for that. */
async function markTurnedPrivate(tx: Transaction, table: SyncTable, pks: ReadonlySet<string>): Promise<void> {
  await tx.table<OutboxRecord, number>(ENGINE_TABLES.pendingOps).filter(({ tableName }) => tableName === table.name).modify((record) => {
    record.ops = record.ops.map(op => op.op === 'put' && pks.has(op.pk) ? { ...op, turnedPrivate: true } : op)
  })
}
