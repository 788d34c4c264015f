/** Sorts rows as they were in `before`, with new rows first. Rows with a lower `rank` come before all with a higher one. */
export function keepPlaces<T extends { id: string }>(rows: readonly T[], before: readonly T[], rank: (row: T) => number): T[] {
  const places = new Map(before.map(({ id }, index) => [id, index]))
  const placeOf = (row: T) => places.get(row.id) ?? -1
  return [...rows].sort((a, b) => rank(a) - rank(b) || placeOf(a) - placeOf(b))
}
