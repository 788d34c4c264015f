import type { Collection, Dexie, IndexableType } from 'dexie'
import { compareKeys } from '../../../shared/sync/query/compare-keys'
import type { QueryPlan, QueryRange } from '../../../shared/sync/query/query-plan'

type Row = Record<string, unknown>

/** Answers a query from the local database. The same rows, given to `answerPlan`, give the same answer. */
export async function runPlan(db: Dexie, plan: QueryPlan): Promise<Row[] | number | Row | undefined> {
  let found = select(db, plan)
  if (plan.isReversed) found = found.reverse()
  if (plan.offset) found = found.offset(plan.offset)
  if (plan.limit !== null) found = found.limit(plan.limit)
  if (plan.result === 'count') return await found.count()
  return plan.result === 'rows' ? await found.toArray() : await found.first()
}

function select(db: Dexie, { table, index, range }: QueryPlan): Collection<Row> {
  const rows = db.table<Row>(table)
  const name = index?.replace('*', '') ?? ':id'
  if (!range) return rows.orderBy(name)
  const where = rows.where(name)
  if (isRefused(range)) return where.anyOf([])
  switch (range.kind) {
    case 'equals': return where.equals(range.value as IndexableType)
    case 'above': return range.isInclusive ? where.aboveOrEqual(range.value) : where.above(range.value)
    case 'below': return range.isInclusive ? where.belowOrEqual(range.value) : where.below(range.value)
    case 'between': return where.between(range.lower, range.upper, range.includesLower, range.includesUpper)
    case 'startsWith': return where.startsWith(range.prefix)
    case 'anyOf': return where.anyOf(range.values as IndexableType[])
  }
}

/** IndexedDB throws for a range between a key and itself that has neither of them. */
function isRefused(range: QueryRange): boolean {
  return range.kind === 'between' && !range.includesLower && !range.includesUpper && compareKeys(range.lower, range.upper) === 0
}
