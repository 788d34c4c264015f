import type { RowResult } from './result-file.ts'

/** How many times the floor's cost a subject has. Undefined: one of them has no value. More edits a second are a lower cost. */
export function ratioOf({ unit, values }: RowResult, subject: keyof RowResult['values'] = 'engine'): number | undefined {
  const [floor, value] = [values.floor?.value, values[subject]?.value]
  if (floor === undefined || value === undefined) return undefined
  return unit === 'ops/s' ? floor / value : value / floor
}

/** Whether the engine reaches the row's target. Undefined: it has none, or what it takes to know is missing. */
export function isMet(row: RowResult, all: readonly RowResult[]): boolean | undefined {
  const { target } = row
  const value = row.values.engine?.value
  if (!target || value === undefined) return undefined
  if ('atMost' in target) return value <= target.atMost
  if ('atLeast' in target) return value >= target.atLeast
  if ('ratio' in target) {
    const ratio = ratioOf(row)
    // A target is given with two digits.
    return ratio === undefined ? undefined : Math.round(ratio * 100) / 100 <= target.ratio
  }
  const other = all.find(({ id }) => id === target.row)?.values.engine?.value
  return other === undefined ? undefined : value <= other * target.times
}
