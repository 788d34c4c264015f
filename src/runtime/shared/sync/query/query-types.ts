import type { SyncTable } from '../schema/sync-schema'
import type { QueryKey, QueryPlan } from './query-plan'

/** What a query gives. It exists in types only. */
declare const RESULT: unique symbol

/** A query that both sides can answer. `R`: a list of rows, a number, or a row or undefined. */
export interface SyncQuery<R> {
  readonly plan: QueryPlan
  readonly [RESULT]?: R
}

/** The text of the type error for a part of Dexie that only the browser has. */
export type UseTheFunctionForm = 'A query for both sides does not have this method. Use the function form: useLiveQuery(() => getDb().…)'

/** These methods exist in types only, so that the error says what to do. */
export type FunctionFormOnly<Name extends string> = { readonly [N in Name]: (this: UseTheFunctionForm, ...args: never[]) => never }

/** Rows in the order of an index. Without an end (`count`, `first`) the query gives all of them, as an array. */
export interface QueryCollection<Row> extends SyncQuery<Row[]>, FunctionFormOnly<
  'filter' | 'and' | 'or' | 'toArray' | 'toCollection' | 'sortBy' | 'each' | 'eachKey' | 'eachUniqueKey' | 'eachPrimaryKey' | 'keys' | 'uniqueKeys' | 'primaryKeys' | 'last' | 'distinct' | 'until'
  | 'raw' | 'modify' | 'delete' | 'clone'
> {
  /** The other way round. */
  reverse: () => QueryCollection<Row>
  /** At most `n` rows. */
  limit: (n: number) => QueryCollection<Row>
  /** Leaves out the first `n` rows. */
  offset: (n: number) => QueryCollection<Row>
  /** How many rows there are, with `limit` and `offset` as in Dexie. */
  count: () => SyncQuery<number>
  first: () => SyncQuery<Row | undefined>
}

/** Which keys of an index are asked for, as in Dexie. A bound of a compound index may have its first fields only; `[]` in place of a field is above all its values. */
export interface QueryWhere<Row, Key> extends FunctionFormOnly<
  'notEqual' | 'noneOf' | 'inAnyRange' | 'equalsIgnoreCase' | 'anyOfIgnoreCase' | 'startsWithIgnoreCase' | 'startsWithAnyOf' | 'startsWithAnyOfIgnoreCase'
> {
  equals: (key: Key) => QueryCollection<Row>
  above: (key: QueryBound<Key>) => QueryCollection<Row>
  aboveOrEqual: (key: QueryBound<Key>) => QueryCollection<Row>
  below: (key: QueryBound<Key>) => QueryCollection<Row>
  belowOrEqual: (key: QueryBound<Key>) => QueryCollection<Row>
  /** Default: with the lower bound, without the upper one. */
  between: (lower: QueryBound<Key>, upper: QueryBound<Key>, includeLower?: boolean, includeUpper?: boolean) => QueryCollection<Row>
  anyOf: (keys: readonly Key[]) => QueryCollection<Row>
  startsWith: [Extract<Key, string>] extends [never] ? (this: 'startsWith is for indexes on texts', prefix: string) => never : (prefix: string) => QueryCollection<Row>
}

/** A table of the app in a query. `I`: its declared indexes; `P`: its primary key. */
export interface QueryTable<Row, I extends string, P extends string> extends QueryCollection<Row>, FunctionFormOnly<
  'put' | 'add' | 'update' | 'clear' | 'bulkGet' | 'bulkPut' | 'bulkAdd' | 'bulkUpdate' | 'bulkDelete'
> {
  where: <Name extends QueryName<I> | P>(index: Name) => QueryWhere<Row, QueryIndexKey<Row, I, Name>>
  /** Rows without a key in this index are left out, as in Dexie. */
  orderBy: (index: QueryName<I> | P) => QueryCollection<Row>
  /** The row with this primary key. */
  get: (pk: string) => SyncQuery<Row | undefined>
}

/** The argument of a querier: the tables of a schema. `Rows`: by table, the type of its rows as the database gives them. */
export type QueryTables<Tables, Rows extends Record<keyof Tables, unknown>> = {
  readonly [K in keyof Tables]: Tables[K] extends SyncTable<infer _, infer I, infer P> ? QueryTable<Rows[K], I, P> : never
}

/** An index is named as in Dexie: `tags` for `*tags`. */
export type QueryName<I extends string> = I extends `*${infer Path}` ? Path : I

/** The type of the keys of an index. */
export type QueryIndexKey<Row, I extends string, Name extends string> = string extends I ? QueryKey
  : `*${Name}` extends I ? QueryItemKey<QueryValueAt<Row, Name>>
    : Name extends `[${infer Paths}]` ? QueryTupleKey<Row, Paths> : QueryKeyOf<QueryValueAt<Row, Name>>

export type QueryTupleKey<Row, Paths extends string> = Paths extends `${infer Path}+${infer Rest}` ? readonly [QueryKeyOf<QueryValueAt<Row, Path>>, ...QueryTupleKey<Row, Rest>] : readonly [QueryKeyOf<QueryValueAt<Row, Paths>>]

export type QueryItemKey<Value> = QueryKeyOf<NonNullable<Value> extends readonly (infer Item)[] ? Item : Value>

export type QueryValueAt<Row, Path extends string> = Path extends keyof Row ? Row[Path]
  : Path extends `${infer Name}.${infer Rest}` ? Name extends keyof Row ? QueryValueAt<NonNullable<Row[Name]>, Rest> : unknown : unknown

/** Of a field's values those that an index can have. Where nothing is known of them, any key. */
export type QueryKeyOf<Value> = [Extract<Value, QueryKey>] extends [never] ? QueryKey : Extract<Value, QueryKey>

export type QueryBound<Key> = Key extends readonly unknown[] ? Partial<{ [N in keyof Key]: Key[N] | readonly [] }> : Key
