import appSchema from '#or3-sync-virtual/schema'
import { SyncError } from '../../shared/sync/protocol/errors'
import { planKey } from '../../shared/sync/query/plan-key'
import type { QueryPlan } from '../../shared/sync/query/query-plan'
import { createQueryTables } from '../../shared/sync/query/query-tables'
import type { SyncQuery } from '../../shared/sync/query/query-types'
import type { SyncSchema, SyncTable } from '../../shared/sync/schema/sync-schema'
import type { AppQueryTables } from '../app-types'

/** A querier that makes a query for both sides. Without a query (null or undefined) nothing is read. */
export type QueryBuilder<R> = (q: AppQueryTables) => SyncQuery<R> | null | undefined

/** What the query of a builder gives. */
export type QueryResult<B extends QueryBuilder<unknown>> = Extract<ReturnType<B>, SyncQuery<unknown>> extends SyncQuery<infer R> ? R : never

/** A function without an argument is a querier that reads Dexie itself, whatever it returns. */
export type WithArgument<B extends QueryBuilder<unknown>> = B & (Parameters<B> extends [] ? never : unknown)

export type BuiltQuery =
  | { kind: 'plan', plan: QueryPlan, key: string }
  | { kind: 'none', key: '' }
  | { kind: 'error', error: unknown, key: string }

const NO_QUERY = 'a querier with an argument must return a query that is made of it: useLiveQuery(q => q.todos.where(…)); a querier that reads Dexie itself has none: useLiveQuery(() => getDb().…)'

const { tables } = appSchema as unknown as SyncSchema
let queryTables: AppQueryTables | null = null

/** Calls the querier. It never throws. Equal queries have equal keys. */
export function buildQuery(builder: QueryBuilder<unknown>): BuiltQuery {
  queryTables ??= createQueryTables(tables) as unknown as AppQueryTables
  try {
    const query = builder(queryTables)
    if (!query) return { kind: 'none', key: '' }
    const plan = query.plan as QueryPlan | undefined
    if (!plan?.table) throw new SyncError('VALIDATION_ERROR', NO_QUERY)
    return { kind: 'plan', plan, key: planKey(plan) }
  }
  catch (error) { return { kind: 'error', error, key: String(error) } }
}

/** A table that a query was built of. */
export function tableOf({ table }: QueryPlan): SyncTable {
  return tables[table]!
}
