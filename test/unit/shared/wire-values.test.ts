import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sameJson } from '#or3-sync/shared/sync/rows/same-json'
import { sanitizePayload } from '#or3-sync/shared/sync/rows/sanitize-payload'
import type { JsonValue, WirePayload } from '#or3-sync/shared/sync/protocol/types'
import { utf8Length } from '#or3-sync/shared/sync/protocol/utf8-length'
import { decodePayload } from '#or3-sync/shared/sync/rows/decode-payload'
import { encodeRow } from '#or3-sync/shared/sync/rows/encode-row'

const key = fc.oneof(fc.string(), fc.constantFrom('$date', '$bigint', '$bytes', '$number', '$escape')).filter(name => name !== '__proto__')
const value = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null), fc.boolean(), fc.string(), fc.double(), fc.bigInt(), fc.date(), fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
})).value

/** Through JSON text, as on the wire. */
const overTheWire = (row: Record<string, unknown>) => decodePayload(JSON.parse(JSON.stringify(encodeRow(row).payload)) as WirePayload)
const normalised = (input: unknown): unknown => Object.is(input, -0)
  ? 0
  : Array.isArray(input)
    ? input.map(normalised)
    : input && typeof input === 'object' && Object.getPrototypeOf(input) !== Date.prototype && !(input instanceof Uint8Array)
      ? Object.fromEntries(Object.entries(input).map(([name, item]) => [name, normalised(item)]))
      : input

describe('values on the wire', () => {
  it('come back as they were written: dates, bigints, bytes, NaN, and objects that look like tags', () => {
    fc.assert(fc.property(value, (field) => {
      expect(overTheWire({ id: '1', field })).toEqual(normalised({ id: '1', field }))
    }))
  })

  it('an ArrayBuffer arrives as bytes', () => {
    expect(overTheWire({ field: new Uint8Array([1, 2, 255]).buffer })).toEqual({ field: new Uint8Array([1, 2, 255]) })
  })

  it('a row that refers to itself is refused, not followed for ever', () => {
    const row: Record<string, unknown> = { id: '1' }
    row.self = row
    expect(() => encodeRow(row)).toThrow(/refers to itself/)
  })

  it.each([
    ['the row', { id: '1', [Symbol('hidden')]: 1 }],
    ['deep.list[0]', { id: '1', deep: { list: [{ [Symbol('hidden')]: 1 }] } }],
  ])('a key that is no text is refused, naming where: %s', (where, row) => {
    expect(() => encodeRow(row)).toThrow(`${where} is an object with a key that is no string`)
  })

  it('a malformed tag stays the object that it is', () => {
    expect(decodePayload({ a: { $date: 'tomorrow' }, b: { $bytes: '***' }, c: { $bigint: 'x' } })).toEqual({ a: { $date: 'tomorrow' }, b: { $bytes: '***' }, c: { $bigint: 'x' } })
  })

  it('pitfall 34: __proto__ at any depth and names that steer a store are taken out, everything else stays', () => {
    const payload = JSON.parse('{"id":"1","__proto__":{"x":1},"constructor":1,"prototype":2,"workspace_id":"w","_id":"y","deep":{"__proto__":{},"constructor":3,"list":[{"__proto__":1,"k":2}]},"unknown":true}') as WirePayload
    expect(JSON.stringify(sanitizePayload(payload))).toBe('{"id":"1","deep":{"constructor":3,"list":[{"k":2}]},"unknown":true}')
  })

  it('the engine\'s columns are taken out of a payload: what they say stands in the stamp', () => {
    const payload: WirePayload = { id: '1', clock: 5, hlc: 'x', op_id: 'y', deep: { clock: 1 } }
    expect(sanitizePayload(payload)).toEqual({ id: '1', deep: { clock: 1 } })
  })

  it('counts UTF-8 bytes as an encoder does', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
    }))
  })

  it('compares JSON whatever the order of keys', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => {
      const shuffled = (input: JsonValue): JsonValue => Array.isArray(input)
        ? input.map(shuffled)
        : input && typeof input === 'object' ? Object.fromEntries(Object.entries(input).reverse().map(([name, item]) => [name, shuffled(item)])) : input
      expect(sameJson(json as JsonValue, shuffled(json as JsonValue))).toBe(true)
    }))
    expect([sameJson({ a: 1 }, { a: 1, b: 2 }), sameJson([1], { 0: 1 }), sameJson(null, {}), sameJson([1, 2], [2, 1])]).toEqual([false, false, false, false])
  })
})
