import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import { isQueryKey } from '#or3-sync/shared/sync/query/is-query-key'
import type { QueryPlan, QueryRange } from '#or3-sync/shared/sync/query/query-plan'
import type { SyncSchema, SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import { invalid, SHOWN_LENGTH } from './find-table'

/** Values of one `anyOf`. Each is looked for on its own. */
export const ANY_OF_MAX_VALUES = 1_000

const RESULTS: readonly unknown[] = ['rows', 'count', 'row'] satisfies QueryPlan['result'][]

/**
 * The table that a query asks for. The plan may be any value: an app may make one from what a request brings.
 *
 * @throws SyncError `VALIDATION_ERROR` for a query that this schema cannot answer, `OVERSIZED` for an `anyOf` with too many values
 */
export function checkPlan(plan: QueryPlan, { tables }: SyncSchema): SyncTable {
  if (typeof plan !== 'object' || plan === null) throw invalid('a query must be a plan, as a querier of useLiveQuery makes it')
  const { table: name, index, range, offset, limit, result } = plan
  const table = typeof name === 'string' && Object.hasOwn(tables, name) ? tables[name] : undefined
  if (!table) throw invalid(`there is no table "${clip(name)}"; declared are ${list(Object.keys(tables))}`)
  if (index !== null && !table.indexes.includes(index)) {
    throw invalid(`table "${name}" has no index "${clip(index)}"; declared are ${list(table.indexes)}, and the primary key`)
  }
  const bad = (range ? keysOf(range, name) : []).filter(key => !isQueryKey(key))
  if (bad.length > 0) throw invalid(`a query of table "${name}" asks for ${typeof bad[0] === 'object' && bad[0] ? 'an object' : String(bad[0])}, which is no key: keys are texts, numbers, dates, and lists of them`)
  if (!isCount(offset) || (limit !== null && !isCount(limit))) throw invalid(`a query of table "${name}" has a limit or an offset that is no whole number from 0 on`)
  if (!RESULTS.includes(result)) throw invalid(`a query of table "${name}" must ask for rows, count or row`)
  return table
}

function keysOf(range: QueryRange, table: string): readonly unknown[] {
  switch (range.kind) {
    case 'between': return [range.lower, range.upper]
    case 'startsWith':
      if (typeof range.prefix !== 'string') throw invalid(`a query of table "${table}" has a startsWith without a text`)
      return []
    case 'anyOf':
      if (!Array.isArray(range.values)) throw invalid(`a query of table "${table}" has an anyOf without a list`)
      if (range.values.length > ANY_OF_MAX_VALUES) throw new SyncError('OVERSIZED', `a query of table "${table}" has an anyOf of ${range.values.length} values, the server takes at most ${ANY_OF_MAX_VALUES}; use the function form, which only the browser answers`)
      return range.values
    case 'equals': case 'above': case 'below': return [range.value]
    default: throw invalid(`a query of table "${table}" has a range of an unknown kind`)
  }
}

/** The text may come from a request. */
function clip(name: unknown): string {
  return String(name).slice(0, SHOWN_LENGTH)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function list(names: readonly string[]): string {
  return names.length ? names.map(name => `"${name}"`).join(', ') : 'none'
}
