import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparePrimaryKeys, keyRange, prefixEnd } from '../../../src/runtime/shared/sync/store/key-order'

/** Texts of characters that are near each other in one order and far apart in the other. */
const key = fc.array(fc.constantFrom('a', 'b', '\u007F', 'é', '\uD7FF', '\uE000', '\uFFFD', '\uFFFF', '😀', '\u{10000}', '\u{10FFFF}'), { maxLength: 4 }).map(parts => parts.join(''))
const inUtf8 = (a: string, b: string) => Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))

describe('the order of keys', () => {
  it('is that of their UTF-8 bytes', () => {
    fc.assert(fc.property(key, key, (a, b) => Math.sign(comparePrimaryKeys(a, b)) === inUtf8(a, b)), { numRuns: 2_000 })
  })

  it('has an end for each prefix: what begins with it is below, and nothing else is between', () => {
    fc.assert(fc.property(key, key, (prefix, other) => {
      const end = prefixEnd(prefix)
      const isBetween = comparePrimaryKeys(other, prefix) >= 0 && (end === undefined || comparePrimaryKeys(other, end) < 0)
      return isBetween === other.startsWith(prefix)
    }), { numRuns: 5_000 })
    expect([prefixEnd('a'), prefixEnd('\uD7FF'), prefixEnd('b\u{10FFFF}'), prefixEnd('\u{10FFFF}'), prefixEnd('')]).toEqual(['b', '\uE000', 'c', undefined, undefined])
  })

  it('makes one range of prefix and place', () => {
    fc.assert(fc.property(key, fc.option(key, { nil: undefined }), key, fc.constantFrom('asc' as const, 'desc' as const), (prefix, after, other, order) => {
      const { lower, includesLower, upper } = keyRange({ prefix, after, order })
      const isIn = comparePrimaryKeys(other, lower) >= (includesLower ? 0 : 1) && (upper === undefined || comparePrimaryKeys(other, upper) < 0)
      const follows = after === undefined || (order === 'asc' ? comparePrimaryKeys(other, after) > 0 : comparePrimaryKeys(other, after) < 0)
      return isIn === (other.startsWith(prefix) && follows)
    }), { numRuns: 5_000 })
  })
})
