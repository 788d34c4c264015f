import { compareKeys } from '#or3-sync/shared/sync/query/compare-keys'
import { LAST_CHARACTER } from '#or3-sync/shared/sync/query/in-range'
import type { QueryKey, QueryRange } from '#or3-sync/shared/sync/query/query-plan'
import { DATE_OFFSET } from './query-index'

/** A key as the expression of a `QueryIndex` has it: a number, a date as text, or a text as UTF-8 bytes. */
export type SliceKey = number | string | Uint8Array

/** A part of an index that is read in one go. It has every row of the range that is asked for, and may have more. Both bounds belong to it. */
export interface Slice {
  /** The keys of the first fields. */
  equal: readonly SliceKey[]
  /** Bounds for the field after those. */
  lower?: SliceKey
  upper?: SliceKey
}

/** Above all texts: bytes and arrays. No UTF-8 text begins with this byte. */
const ABOVE_TEXTS = Uint8Array.of(0xFF)
/** The first code unit from which on UTF-16 and UTF-8 sort differently. */
const SURROGATES = /[\uD800-\uFFFF]/

/**
 * The slices of an index that a range needs, in ascending order. Null: the index cannot tell, so the whole table has to be read.
 *
 * `fields`: how many fields the index has.
 */
export function toSlices(range: QueryRange | null, fields: number): Slice[] | null {
  switch (range?.kind) {
    case undefined: return [{ equal: [], lower: -Infinity }]
    case 'equals': return slicesOf([range.value], fields)
    case 'anyOf': return slicesOf([...range.values].sort(compareKeys).filter((value, at, all) => at === 0 || compareKeys(all[at - 1], value) !== 0), fields)
    case 'above': return between(range.value, undefined, fields)
    case 'below': return between(undefined, range.value, fields)
    case 'between': return between(range.lower, range.upper, fields)
    case 'startsWith': return startingWith(range.prefix, fields)
  }
}

function slicesOf(values: readonly QueryKey[], fields: number): Slice[] | null {
  const slices: Slice[] = []
  for (const value of values) {
    const keys = fields > 1 && !Array.isArray(value) ? [] : partsOf(value, fields)
    // A list of another length is no key of this index.
    if (keys.length !== fields) continue
    const equal = keys.map(exactKey)
    if (!equal.every(key => key !== null)) return null
    slices.push({ equal })
  }
  return slices
}

function startingWith(prefix: string, fields: number): Slice[] | null {
  // Half a surrogate pair begins other texts in UTF-16 than in UTF-8.
  if (fields > 1 || !prefix.isWellFormed()) return between(prefix, prefix + LAST_CHARACTER, fields)
  return [{ equal: [], lower: Buffer.from(prefix), upper: Buffer.concat([Buffer.from(prefix), ABOVE_TEXTS]) }]
}

function between(lower: QueryKey | undefined, upper: QueryKey | undefined, fields: number): Slice[] | null {
  // A bound that is a list cannot be compared with the arrays in an index of one field: their order is not known there.
  if (fields === 1 && (Array.isArray(lower) || Array.isArray(upper))) return null
  // All keys of a compound index are lists, and lists are above everything else.
  if (fields > 1 && upper !== undefined && !Array.isArray(upper)) return []
  const lowers = lower === undefined || (fields > 1 && !Array.isArray(lower)) ? [] : partsOf(lower, fields)
  const uppers = upper === undefined ? [] : partsOf(upper, fields)
  const equal: SliceKey[] = []
  for (let at = 0; at < fields && at < lowers.length && at < uppers.length; at++) {
    const key = exactKey(lowers[at]!)
    if (key === null || compareKeys(lowers[at], uppers[at]) !== 0) break
    equal.push(key)
  }
  const at = equal.length
  if (at === fields) return [{ equal }]
  const from = lowers[at] === undefined ? -Infinity : lowestKey(lowers[at])
  return [{ equal, lower: from, ...uppers[at] !== undefined && { upper: highestKey(uppers[at]) } }]
}

function partsOf(key: QueryKey, fields: number): readonly QueryKey[] {
  return fields > 1 ? key as readonly QueryKey[] : [key]
}

/** The key itself. Null: several keys look the same in the index. */
function exactKey(key: QueryKey): SliceKey | null {
  if (typeof key === 'number') return key
  // SQLite gets a lone surrogate as another character than the one that is stored.
  if (typeof key === 'string') return key.isWellFormed() ? Buffer.from(key) : null
  return key instanceof Date ? dateKey(key) : null
}

/** A key that is not above any key that is at or above `key`. */
function lowestKey(key: QueryKey): SliceKey {
  return typeof key === 'string' ? Buffer.from(safePrefix(key)) : exactKey(key) ?? ABOVE_TEXTS
}

/** A key that is not below any key that is at or below `key`. */
function highestKey(key: QueryKey): SliceKey {
  if (typeof key !== 'string') return exactKey(key) ?? ABOVE_TEXTS
  const prefix = safePrefix(key)
  return Buffer.concat([Buffer.from(prefix), prefix === key ? Buffer.of() : ABOVE_TEXTS])
}

/** The text up to the first character whose place differs between UTF-16 and UTF-8. Texts that begin differently sort the same in both. */
function safePrefix(text: string): string {
  const end = text.search(SURROGATES)
  return end < 0 ? text : text.slice(0, end)
}

function dateKey(date: Date): string {
  return String(BigInt(date.getTime()) + DATE_OFFSET).padStart(17, '0')
}
