import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { StoredRow } from './stored-row'

/** The revision of a row, as `expect` of a server's write takes it. */
export interface RowRevision {
  clock: number
  hlc: string
}

/** What became of one row: its new content, or that it was deleted. `S` is the schema of its table. */
export type RowChange<Name extends string = string, S extends StandardSchemaV1 = StandardSchemaV1> = {
  /** The table's declared name. */
  table: Name
  pk: string
  /** The revision that the record has now. */
  revision: RowRevision
  /** The revision of the row that was replaced or deleted. Null: there was no row, or the store does not say (an older Convex deployment). */
  previous: RowRevision | null
  serverVersion: number
} & (
  | { operation: 'put', row: StoredRow<S> }
  | { operation: 'delete', row: null }
)

/** The change of a row of any of these tables. Comparing `table` tells which, and so the type of `row`. */
export type TableChange<Tables extends Record<string, StandardSchemaV1>> = { [Name in Extract<keyof Tables, string>]: RowChange<Name, Tables[Name]> }[Extract<keyof Tables, string>]

/** What one commit changed, for the listeners of `or3-sync:changed`. */
export interface ChangedInfo<Tables extends Record<string, StandardSchemaV1> = Record<string, StandardSchemaV1>> {
  workspaceId: string
  /** Who pushed, or the `as` of a server's write; null: a server's write without one. */
  userId: string | null
  /** One for each record, in the order of versions. */
  changes: TableChange<Tables>[]
}
