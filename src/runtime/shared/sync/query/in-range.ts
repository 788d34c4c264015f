import { compareKeys } from './compare-keys'
import type { QueryKey, QueryRange } from './query-plan'

/** Dexie takes this as the highest text that begins with a prefix, after the prefix itself. */
export const LAST_CHARACTER = '\uFFFF'

/** @returns a test whether a key of an index is in the part that is asked for. Make it once for many keys: it sorts the values of `anyOf`. */
export function rangeTest(range: QueryRange | null): (key: unknown) => boolean {
  if (range === null) return () => true
  switch (range.kind) {
    case 'equals': return key => compareKeys(key, range.value) === 0
    case 'above': return key => isAbove(key, range.value, range.isInclusive)
    case 'below': return key => isAbove(range.value, key, range.isInclusive)
    case 'between': return key => isAbove(key, range.lower, range.includesLower) && isAbove(range.upper, key, range.includesUpper)
    case 'startsWith': return key => isAbove(key, range.prefix, true) && isAbove(range.prefix + LAST_CHARACTER, key, true)
    case 'anyOf': return isOneOf(range.values)
  }
}

function isAbove(key: unknown, bound: unknown, orEqual: boolean): boolean {
  const order = compareKeys(key, bound)
  return order > 0 || (orEqual && order === 0)
}

/** A binary search, because a row of a multi-entry index may have tens of thousands of keys. */
function isOneOf(values: readonly QueryKey[]): (key: unknown) => boolean {
  const sorted = [...values].sort(compareKeys)
  return (key) => {
    let from = 0
    let to = sorted.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (compareKeys(sorted[middle], key) < 0) from = middle + 1
      else to = middle
    }
    return from < sorted.length && compareKeys(sorted[from], key) === 0
  }
}
