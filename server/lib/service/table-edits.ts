import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { BaseRevision } from '#or3-sync/shared/sync/protocol/types'
import type { SchemaRow, StoredRow } from '#or3-sync/shared/sync/rows/stored-row'

/** The schemas of an app's tables, by table. */
export type TableSchemas = Record<string, StandardSchemaV1>

export type TableName<Tables> = Extract<keyof Tables, string>
/** The engine's columns may be in a row that is written, as in one that was read before. They are ignored. */
export interface IgnoredColumns { clock?: number, hlc?: string, op_id?: string }

export interface EditOf<Name> {
  /** The table's declared name. */
  table: Name
  /** The revision that the record must have, such as a row that was read. Null: there must be no such row. Absent: any. */
  expect?: BaseRevision | null
}

/** Writes the whole row, whether there was one or not. */
export interface PutEdit<Name extends string = string, S extends StandardSchemaV1 = StandardSchemaV1> extends EditOf<Name> {
  put: SchemaRow<S> & IgnoredColumns
  update?: undefined
  delete?: undefined
}

/** Changes some fields of a row that is there. It must have the primary key. A field that is undefined is taken away. */
export interface UpdateEdit<Name extends string = string, S extends StandardSchemaV1 = StandardSchemaV1> extends EditOf<Name> {
  update: { [Field in keyof SchemaRow<S>]?: SchemaRow<S>[Field] | undefined } & IgnoredColumns
  put?: undefined
  delete?: undefined
}

/** Deletes a row by its primary key. If there is none, nothing happens. */
export interface DeleteEdit<Name extends string = string> extends EditOf<Name> {
  delete: string
  put?: undefined
  update?: undefined
}

/** An edit after which there is a row. */
export type RowEdit<Tables extends TableSchemas, Name extends TableName<Tables>> = Name extends TableName<Tables> ? PutEdit<Name, Tables[Name]> | UpdateEdit<Name, Tables[Name]> : never

/** Any edit of a table. */
export type TableEdit<Tables extends TableSchemas, Name extends TableName<Tables> = TableName<Tables>> = RowEdit<Tables, Name> | (Name extends TableName<Tables> ? DeleteEdit<Name> : never)

export interface WriteOptions {
  /** Who wrote, for the hook `or3-sync:changed`. Nothing else depends on it. Default: nobody. */
  as?: string
}

export interface ListOptions {
  /** Only keys that begin with it. Default: all. */
  prefix?: string
  /** Only keys after this one, such as the `next` of the list before. Default: from the first. */
  after?: string
  /** Rows, 1 to 1,000. Default: 100. */
  limit?: number
  /** By the code points of the keys. Default: `asc`. */
  order?: 'asc' | 'desc'
}

export interface WrittenRows<Rows> {
  /** The workspace's version after the write. */
  serverVersion: number
  /** For each edit, in their order, the row as it is now. Null for a delete. */
  rows: Rows
}

export interface ListedRows<Row> {
  rows: Row[]
  /** The `after` of the next list. Null: this was the last. A list may end before `limit`, when its rows are large. */
  next: string | null
}

/**
 * Reads and writes of the server's own. They check no membership: that is up to the caller. They reject with a `SyncError`, whose `code` says
 * why, and `index`, `table`, `pk` and `field` where.
 */
export interface RowAccess<Tables extends TableSchemas> {
  /**
   * Writes all edits in one transaction, or none. Each record may be named once. At most 1,000 edits and 1 MiB, unless the store takes less.
   *
   * Rejects with `CONFLICT` (an `expect` was not met), `NOT_FOUND` (update of a row that is not there), `OVERSIZED` or `VALIDATION_ERROR`.
   */
  write<const Names extends readonly TableName<Tables>[]>(
    workspaceId: string, edits: readonly [...{ [I in keyof Names]: RowEdit<Tables, Names[I]> }], options?: WriteOptions,
  ): Promise<WrittenRows<{ -readonly [I in keyof Names]: StoredRow<Tables[Names[I]]> }>>
  write<const Names extends readonly TableName<Tables>[]>(
    workspaceId: string, edits: readonly [...{ [I in keyof Names]: TableEdit<Tables, Names[I]> }], options?: WriteOptions,
  ): Promise<WrittenRows<{ -readonly [I in keyof Names]: StoredRow<Tables[Names[I]]> | null }>>
  /** One row. Undefined: there is none, or it is deleted. */
  get<Name extends TableName<Tables>>(workspaceId: string, table: Name, pk: string): Promise<StoredRow<Tables[Name]> | undefined>
  /** Rows of one table in the order of their keys, from one snapshot of the store. */
  list<Name extends TableName<Tables>>(workspaceId: string, table: Name, options?: ListOptions): Promise<ListedRows<StoredRow<Tables[Name]>>>
}
