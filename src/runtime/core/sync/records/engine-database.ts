import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Dexie, Table } from 'dexie'
import type { ConflictRecord, OutboxRecord, QuarantineRecord, StateRecord, TombstoneRecord } from './engine-records'

/** The columns that the engine adds to each row of the app. The app never has to set them. */
export interface EngineColumns {
  clock?: number
  hlc?: string
  op_id?: string
}

export type SyncRow<S extends StandardSchemaV1> = StandardSchemaV1.InferInput<S> & EngineColumns

/** The engine's own tables. */
export interface EngineTables {
  pending_ops: Table<OutboxRecord, number>
  tombstones: Table<TombstoneRecord, [string, string]>
  sync_state: Table<StateRecord, string>
  sync_conflicts: Table<ConflictRecord, string>
  sync_quarantine: Table<QuarantineRecord, [string, string]>
  sync_notifications: Table<NotificationRecord, string>
}

export interface NotificationRecord {
  id: string
  type: string
  title: string
  body: string
  /** 0 or 1: IndexedDB cannot index a boolean. */
  read: 0 | 1
  createdAt: number
  actions?: { label: string, kind: string, data?: Record<string, unknown> }[]
}

/** The app's tables, typed by their schemas, as properties of a Dexie database. */
export type SyncDatabase<T extends Record<string, StandardSchemaV1> = Record<string, StandardSchemaV1>>
  = Dexie & { readonly [K in keyof T]: Table<SyncRow<T[K]>, string> }

/** The same database, typed by the engine's own tables. */
export type EngineDatabase = Dexie & EngineTables
