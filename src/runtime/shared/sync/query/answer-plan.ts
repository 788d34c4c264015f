import { compareKeys } from './compare-keys'
import { rangeTest } from './in-range'
import { indexKeys } from './index-keys'
import type { QueryPlan } from './query-plan'

/**
 * The answer to a query from the table's rows, as Dexie gives it. With a multi-entry index, a row comes once for each of its keys that is asked for.
 *
 * `rows`: local rows in any order, at least all that the answer may need. `primaryKey`: local name of the field.
 *
 * @returns by `plan.result`
 */
export function answerPlan<Row extends Record<string, unknown>>(plan: QueryPlan, rows: Iterable<Row>, primaryKey: string): Row[] | number | Row | undefined {
  const isInRange = rangeTest(plan.range)
  const entries: { key: unknown, row: Row }[] = []
  for (const row of rows) {
    for (const key of indexKeys(plan.index, row, primaryKey)) if (isInRange(key)) entries.push({ key, row })
  }
  entries.sort((a, b) => compareKeys(a.key, b.key) || compareKeys(a.row[primaryKey], b.row[primaryKey]))
  if (plan.isReversed) entries.reverse()
  const end = plan.limit === null ? undefined : plan.offset + plan.limit
  const found = entries.slice(plan.offset, end).map(({ row }) => row)
  return plan.result === 'rows' ? found : plan.result === 'count' ? found.length : found[0]
}
