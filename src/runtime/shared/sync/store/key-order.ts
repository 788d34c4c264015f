/**
 * Compares two keys by their code points, as SQLite, Convex and every store that compares UTF-8 bytes does. JavaScript's own order is that of
 * UTF-16, in which an emoji comes before U+E000 to U+FFFF.
 *
 * @returns below 0 when `a` comes first, 0 when they are equal, above 0 when `b` comes first
 */
export function comparePrimaryKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)]
    if (left === right) continue
    // Half of a character above U+FFFF is larger than any other code unit.
    return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1
  }
  return a.length - b.length
}

/**
 * The first key, by code points, that comes after all keys that begin with `prefix`: the exclusive upper bound of a range. Undefined: there is
 * none, because no key comes after them.
 *
 * @param prefix well-formed Unicode
 */
export function prefixEnd(prefix: string): string | undefined {
  const points = [...prefix]
  while (points.length > 0) {
    const next = nextPoint(points.pop()!.codePointAt(0)!)
    if (next !== undefined) return points.join('') + String.fromCodePoint(next)
  }
  return undefined
}

export interface KeyRange {
  lower: string
  /** Whether a key that equals `lower` is in the range. */
  includesLower: boolean
  /** Exclusive. Absent: the range has no end. */
  upper?: string
}

/** The keys that a list asks for, as one range. It is empty if `upper` is not above `lower`. */
export function keyRange({ prefix = '', after, order }: { prefix?: string, after?: string, order: 'asc' | 'desc' }): KeyRange {
  const end = prefixEnd(prefix)
  if (after === undefined) return { lower: prefix, includesLower: true, upper: end }
  if (order === 'desc') return { lower: prefix, includesLower: true, upper: end === undefined || comparePrimaryKeys(after, end) < 0 ? after : end }
  return comparePrimaryKeys(after, prefix) < 0 ? { lower: prefix, includesLower: true, upper: end } : { lower: after, includesLower: false, upper: end }
}

function nextPoint(point: number): number | undefined {
  if (point === 0x10FFFF) return undefined
  // Surrogates are no characters.
  return point === 0xD7FF ? 0xE000 : point + 1
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xD800 && unit <= 0xDFFF
}
