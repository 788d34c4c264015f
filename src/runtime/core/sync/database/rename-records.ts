import type { Transaction } from 'dexie'
import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import { conflictId } from '../records/conflict-id'
import { unconfirmedId } from '../progress/unconfirmed-edits'
import type { ConflictRecord, OutboxRecord, QuarantineRecord, StateRecord, TombstoneRecord } from '../records/engine-records'
import type { NotificationRecord } from '../records/engine-database'
import type { TableMove } from './table-names'

type Rename = (tableName: string) => string

/** Puts the new names of tables into all records of the engine. Must run in the transaction that moves the tables' rows. */
export async function renameRecords(tx: Transaction, moves: readonly TableMove[]): Promise<void> {
  const names = new Map(moves.map(({ from, to }) => [from, to]))
  const rename: Rename = name => names.get(name) ?? name
  await tx.table<OutboxRecord>(ENGINE_TABLES.pendingOps).toCollection().modify((record) => { record.tableName = rename(record.tableName) })
  for (const table of [ENGINE_TABLES.tombstones, ENGINE_TABLES.quarantine]) {
    await rewrite<TombstoneRecord | QuarantineRecord>(tx, table, record => [record.tableName, record.pk], record => ({ ...record, tableName: rename(record.tableName) }))
  }
  await rewrite<ConflictRecord>(tx, ENGINE_TABLES.conflicts, ({ id }) => id, (record) => {
    const tableName = rename(record.tableName)
    return { ...record, tableName, id: conflictId(tableName, record.pk, record.remote, record.local) }
  })
  await tx.table<NotificationRecord>(ENGINE_TABLES.notifications).toCollection().modify(notice => renameInNotice(notice, rename))
  await rewrite<StateRecord>(tx, ENGINE_TABLES.state, ({ id }) => id, record => renameInState(record, rename))
}

/** Rewrites records whose keys may change. Two of them may swap keys, so all are deleted before the first is written. */
async function rewrite<T>(tx: Transaction, tableName: string, keyOf: (record: T) => unknown, renamed: (record: T) => T): Promise<void> {
  const table = tx.table<T>(tableName)
  const records = await table.toArray()
  await table.bulkDelete(records.map(keyOf) as never[])
  await table.bulkPut(records.map(renamed))
}

function renameInNotice({ actions }: NotificationRecord, rename: Rename): void {
  for (const { data } of actions ?? []) {
    if (typeof data?.tableName !== 'string') continue
    const renamed = rename(data.tableName)
    // The id of a conflict begins with its table.
    if (typeof data.id === 'string' && data.id.startsWith(`${data.tableName}:`)) data.id = renamed + data.id.slice(data.tableName.length)
    data.tableName = renamed
  }
}

function renameInState(record: StateRecord, rename: Rename): StateRecord {
  if ('tables' in record) {
    const epochs = 'epochs' in record && record.epochs ? { epochs: Object.fromEntries(Object.entries(record.epochs).map(([name, epoch]) => [rename(name), epoch])) } : {}
    const asWriter = 'asWriter' in record && record.asWriter ? { asWriter: record.asWriter.map(rename) } : {}
    return { ...record, tables: record.tables.map(rename), ...epochs, ...asWriter }
  }
  if ('acknowledgedAt' in record) {
    const tableName = rename(record.tableName)
    return { ...record, tableName, id: unconfirmedId(tableName, record.pk) }
  }
  if ('seen' in record || 'pushed' in record) {
    const { seen, pushed } = record
    return {
      ...record,
      ...(seen ? { seen: seen.map(([name, ...rest]) => [rename(name), ...rest]) } : {}),
      ...(pushed ? { pushed: pushed.map(([name, pk]) => [rename(name), pk]) } : {}),
    }
  }
  return record
}
