import type { TombstoneRecord } from '#or3-sync/core/sync/records/engine-records'
import type { SimDisk } from './sim-disk'
import { nextSchema, type SimRow } from './sim-schema'

/** What a device has of one record: its row or its tombstone. */
export interface StoredRecord {
  tableName: string
  pk: string
  op: 'put' | 'delete'
  row?: SimRow
  clock: number
  hlc: string
  opId: string | undefined
}

/** The deletes in a database, by `table/pk`. */
export function readTombstones(disk: SimDisk, databaseName: string): Map<string, StoredRecord> {
  return new Map(disk.read<TombstoneRecord>(databaseName, 'tombstones').filter(({ isGivenUp }) => !isGivenUp).map(({ tableName, pk, clock, hlc, op_id }) =>
    [`${tableName}/${pk}`, { tableName, pk, op: 'delete', clock, hlc, opId: op_id }]))
}

/** The rows in a database, by `table/pk`. */
export function readRows(disk: SimDisk, databaseName: string): Map<string, StoredRecord> {
  return new Map(Object.keys(nextSchema.tables).flatMap(tableName => disk.read<SimRow>(databaseName, tableName).map((row): [string, StoredRecord] =>
    [`${tableName}/${row.id}`, { tableName, pk: row.id, op: 'put', row, clock: row.clock ?? 0, hlc: row.hlc ?? '', opId: row.op_id }])))
}
