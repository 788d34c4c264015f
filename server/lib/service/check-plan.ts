import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import { isKey } from '#or3-sync/shared/sync/query/compare-keys'
import type { QueryPlan, QueryRange } from '#or3-sync/shared/sync/query/query-plan'
import type { SyncSchema, SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'

/** The table that a query asks for. @throws SyncError `VALIDATION_ERROR` for a query that this schema cannot answer */
export function checkPlan({ table: name, index, range, offset, limit }: QueryPlan, { tables }: SyncSchema): SyncTable {
  const table = Object.hasOwn(tables, name) ? tables[name] : undefined
  if (!table) throw invalid(`there is no table "${name}"; declared are ${list(Object.keys(tables))}`)
  if (index !== null && !table.indexes.includes(index)) {
    throw invalid(`table "${name}" has no index "${index}"; declared are ${list(table.indexes)}, and the primary key`)
  }
  const bad = (range ? keysOf(range) : []).filter(key => !isKey(key))
  if (bad.length > 0) throw invalid(`a query of table "${name}" asks for ${typeof bad[0] === 'object' && bad[0] ? 'an object' : String(bad[0])}, which is no key: keys are texts, numbers, dates, and lists of them`)
  if (!isCount(offset) || (limit !== null && !isCount(limit))) throw invalid(`a query of table "${name}" has a limit or an offset that is no whole number from 0 on`)
  return table
}

function keysOf(range: QueryRange): readonly unknown[] {
  switch (range.kind) {
    case 'between': return [range.lower, range.upper]
    case 'startsWith': return [range.prefix]
    case 'anyOf': return range.values
    default: return [range.value]
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function list(names: readonly string[]): string {
  return names.length ? names.map(name => `"${name}"`).join(', ') : 'none'
}

function invalid(message: string): SyncError {
  return new SyncError('VALIDATION_ERROR', message)
}
