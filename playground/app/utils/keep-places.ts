/** The rows in the order they had before: those that are new come first, those that are gone leave. `rank`: lower ones before all others. */
export function keepPlaces<T extends { id: string }>(rows: readonly T[], before: readonly T[], rank: (row: T) => number): T[] {
  const places = new Map(before.map(({ id }, index) => [id, index]))
  const placeOf = (row: T) => places.get(row.id) ?? -1
  return [...rows].sort((a, b) => rank(a) - rank(b) || placeOf(a) - placeOf(b))
}
