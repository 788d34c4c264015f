/**
 * Table names without repeats, padded to the next power of two by repeating the last name. Each number of names needs a prepared statement of
 * its own. Without padding, requests could make us prepare a thousand.
 */
export function padTables(tables: readonly string[]): readonly string[] {
  const unique = [...new Set(tables)]
  if (unique.length === 0) return unique
  const length = 2 ** Math.ceil(Math.log2(unique.length))
  return [...unique, ...Array.from({ length: length - unique.length }, () => unique.at(-1)!)]
}
