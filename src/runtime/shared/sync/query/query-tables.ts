import { SyncError } from '../protocol/errors'
import type { SyncTable } from '../schema/sync-schema'
import { isQueryKey } from './is-query-key'
import type { QueryKey, QueryPlan, QueryRange } from './query-plan'

/** Any method of Dexie's that is not here. */
const FUNCTION_FORM = 'is no part of a query for both sides; use the function form: useLiveQuery(() => getDb().…)'

type Tables = Readonly<Record<string, SyncTable>>

/**
 * The argument of a querier: `tables.messages.where('thread_id').equals(id).reverse().limit(50)` makes a `QueryPlan`, and reads nothing. `QueryTables`
 * has its type.
 *
 * All methods throw SyncError `VALIDATION_ERROR` that names what is wrong: a table or index that is not declared, a value that is no key, a wrong number.
 */
export function createQueryTables(tables: Tables): Record<string, unknown> {
  return guarded(Object.create(null) as Record<string, unknown>, (name) => {
    if (!Object.hasOwn(tables, name)) throw invalid(`there is no table "${name}"; the tables are: ${Object.keys(tables).join(', ')}`)
    return queryTable(tables[name]!)
  })
}

function queryTable(table: SyncTable): object {
  const { name, primaryKey } = table
  const all: QueryPlan = { table: name, index: null, range: null, isReversed: false, offset: 0, limit: null, result: 'rows' }
  const planFor = (index: string): QueryPlan => ({ ...all, index: declaredIndex(table, index) })
  return collection(all, {
    where: (index: string) => conditions(planFor(index), `table "${name}", index "${index}"`),
    orderBy: (index: string) => collection(planFor(index)),
    get: (pk: unknown) => conditions(all, `table "${name}", ${primaryKey}`).equals(pk).first(),
  })
}

function declaredIndex({ name, primaryKey, indexes }: SyncTable, asked: string): string | null {
  if (asked === primaryKey) return null
  const index = indexes.find(each => each === asked || each === `*${asked}`)
  if (index !== undefined && !asked.startsWith('*')) return index
  throw invalid(`table "${name}" has no index "${asked}"; it has: ${[primaryKey, ...indexes].map(each => each.replace('*', '')).join(', ')}`)
}

type Collection = ReturnType<typeof collection>

function collection(plan: QueryPlan, more: object = {}) {
  const methods = {
    plan,
    reverse: () => collection({ ...plan, isReversed: !plan.isReversed }),
    // Called twice, both count, as in Dexie.
    limit: (n: number) => collection({ ...plan, limit: Math.min(checkNumber('limit', n), plan.limit ?? n) }),
    offset: (n: number) => collection({ ...plan, offset: plan.offset + checkNumber('offset', n) }),
    count: () => ({ plan: { ...plan, result: 'count' } }),
    first: () => ({ plan: { ...plan, result: 'row', limit: Math.min(plan.limit ?? 1, 1) } }),
    ...more,
  }
  return guarded(methods, refuseMethod)
}

function conditions(plan: QueryPlan, where: string): Record<keyof typeof methods, (...keys: unknown[]) => Collection> {
  const found = (range: QueryRange) => collection({ ...plan, range })
  const key = (value: unknown) => {
    if (!isQueryKey(value)) throw invalid(`${where}: ${shown(value)} is no key; keys are texts, numbers, dates, and lists of them`)
    return copyKey(value)
  }
  const methods = {
    equals: (value: unknown) => found({ kind: 'equals', value: key(value) }),
    above: (value: unknown) => found({ kind: 'above', value: key(value), isInclusive: false }),
    aboveOrEqual: (value: unknown) => found({ kind: 'above', value: key(value), isInclusive: true }),
    below: (value: unknown) => found({ kind: 'below', value: key(value), isInclusive: false }),
    belowOrEqual: (value: unknown) => found({ kind: 'below', value: key(value), isInclusive: true }),
    between: (lower: unknown, upper: unknown, includesLower: unknown = true, includesUpper: unknown = false) =>
      found({ kind: 'between', lower: key(lower), upper: key(upper), includesLower: Boolean(includesLower), includesUpper: Boolean(includesUpper) }),
    startsWith: (prefix: unknown) => {
      if (typeof prefix !== 'string') throw invalid(`${where}: startsWith takes a text, not ${shown(prefix)}`)
      return found({ kind: 'startsWith', prefix })
    },
    anyOf: (values: unknown) => {
      if (!Array.isArray(values)) throw invalid(`${where}: anyOf takes a list of keys, not ${shown(values)}`)
      return found({ kind: 'anyOf', values: values.map(key) })
    },
  }
  return guarded(methods, (name) => {
    // Asked for by who takes this for a query.
    if (name === 'plan') throw invalid(`${where}: where(…) needs a condition, such as equals(…)`)
    return refuseMethod(name)
  })
}

/** A key of its own: the app may change its list later, and IndexedDB refuses the proxies of Vue. */
function copyKey(key: unknown): QueryKey {
  if (Array.isArray(key)) return key.map(copyKey)
  // Of the keys, only dates are objects.
  return typeof key === 'object' ? new Date(Number(key)) : key as QueryKey
}

/** Names that others look for in any object: promises, JSON, Vue. */
const NAMES_OF_OTHERS = /^(?:then|toJSON|__v_.*)$/

/** An object that answers for a name that it does not have. */
function guarded<T extends object>(methods: T, missing: (name: string) => unknown): T {
  return new Proxy(methods, {
    get: (target, name) => name in target || typeof name === 'symbol' || NAMES_OF_OTHERS.test(name) ? Reflect.get(target, name) as unknown : missing(name),
  })
}

function refuseMethod(name: string): never {
  throw invalid(`${name} ${FUNCTION_FORM}`)
}

function checkNumber(method: string, n: number): number {
  if (!Number.isSafeInteger(n) || n < 0) throw invalid(`${method}(${shown(n)}): a whole number from 0 on is needed`)
  return n
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  // Not `String(value)`: it throws for an object without a prototype, and for a list that is nested very deep.
  return typeof value === 'object' && value !== null ? `this ${Array.isArray(value) ? 'list' : 'object'}` : String(value)
}

function invalid(message: string): SyncError {
  return new SyncError('VALIDATION_ERROR', message)
}
