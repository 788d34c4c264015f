import { compareKeys } from './compare-keys'
import type { QueryRange } from './query-plan'

/** Dexie takes this as the highest text that begins with a prefix, after the prefix itself. */
export const LAST_CHARACTER = '\uFFFF'

/** Whether a key of an index is in the part that is asked for. */
export function inRange(range: QueryRange | null, key: unknown): boolean {
  if (range === null) return true
  switch (range.kind) {
    case 'equals': return compareKeys(key, range.value) === 0
    case 'above': return isAbove(key, range.value, range.isInclusive)
    case 'below': return isAbove(range.value, key, range.isInclusive)
    case 'between': return isAbove(key, range.lower, range.includesLower) && isAbove(range.upper, key, range.includesUpper)
    case 'startsWith': return isAbove(key, range.prefix, true) && isAbove(range.prefix + LAST_CHARACTER, key, true)
    case 'anyOf': return range.values.some(value => compareKeys(key, value) === 0)
  }
}

function isAbove(key: unknown, bound: unknown, orEqual: boolean): boolean {
  const order = compareKeys(key, bound)
  return order > 0 || (orEqual && order === 0)
}
