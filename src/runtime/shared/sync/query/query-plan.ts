/** A value that an index can be asked for. A compound index takes a list with one value for each of its fields. */
export type QueryKey = string | number | Date | readonly QueryKey[]

/** Which part of an index is asked for. The bounds mean what they mean in Dexie. */
export type QueryRange =
  | { kind: 'equals', value: QueryKey }
  | { kind: 'above' | 'below', value: QueryKey, isInclusive: boolean }
  | { kind: 'between', lower: QueryKey, upper: QueryKey, includesLower: boolean, includesUpper: boolean }
  | { kind: 'startsWith', prefix: string }
  | { kind: 'anyOf', values: readonly QueryKey[] }

/**
 * A query as data, so that both sides can answer it: the browser from Dexie, the server from its store while it renders the page. Rows stand in
 * the order of the index, and rows with the same index key in the order of their primary keys, as in Dexie.
 */
export interface QueryPlan {
  /** The table's declared name. */
  table: string
  /** One of the table's declared indexes, as declared: `'thread_id'`, `'[list_id+position]'`, `'*tags'`. Null: the primary key. */
  index: string | null
  /** Null: all rows that the index has. */
  range: QueryRange | null
  isReversed: boolean
  /** Rows that are left out at the beginning. */
  offset: number
  /** Null: all rows. */
  limit: number | null
  /** `rows`: a list. `count`: their number, with `offset` and `limit` as in Dexie. `row`: the first row, or undefined. */
  result: 'rows' | 'count' | 'row'
}
