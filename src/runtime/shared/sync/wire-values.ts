import { SyncError } from './errors'
import type { JsonValue, WirePayload } from './types'

/**
 * Values that JSON cannot carry travel as one-key objects:
 * `{"$date": ms}`, `{"$bigint": "…"}`, `{"$bytes": base64}`, `{"$number": "NaN" | "Infinity" | "-Infinity"}`.
 * A real one-key object of such a name travels as `{"$escape": {…}}`.
 */
const TAGS: ReadonlySet<string> = new Set(['$date', '$bigint', '$bytes', '$number', '$escape'])
const MAX_DEPTH = 100

/** What {@link encodeRow} found: the copy that travels and roughly how large it is. */
export interface EncodedRow {
  payload: WirePayload
  /** Characters of text and about 8 for every other value: enough to bound memory by. */
  size: number
}

/**
 * A deep, JSON-safe copy of a row. Later changes to the row do not show in it.
 *
 * @throws SyncError `VALIDATION_ERROR` naming the path of a value that cannot be synced.
 */
export function encodeRow(row: Record<string, unknown>, skip: ReadonlySet<string>, rename?: ReadonlyMap<string, string>): EncodedRow {
  refuseSymbols(row, 'the row')
  const counter = { size: 0 }
  const payload: WirePayload = {}
  for (const key of Object.keys(row)) {
    if (skip.has(key)) continue
    const value = row[key]
    if (value === undefined) continue
    counter.size += key.length + 4
    payload[rename?.get(key) ?? key] = encode(value, key, 1, counter)
  }
  return { payload, size: counter.size }
}

function encode(value: unknown, path: string, depth: number, counter: { size: number }): JsonValue {
  switch (typeof value) {
    case 'string':
      counter.size += value.length
      return value
    case 'number':
      counter.size += 8
      return Number.isFinite(value) ? value : { $number: String(value) }
    case 'boolean':
      counter.size += 5
      return value
    case 'bigint':
      counter.size += 24
      return { $bigint: String(value) }
    case 'object':
      return value === null ? null : encodeObject(value, path, depth, counter)
    case 'undefined':
      return null
    default:
      throw unsyncable(path, `a ${typeof value}`)
  }
}

function encodeObject(value: object, path: string, depth: number, counter: { size: number }): JsonValue {
  if (depth > MAX_DEPTH) throw unsyncable(path, `nested deeper than ${MAX_DEPTH} levels (or refers to itself)`)
  counter.size += 8
  if (Array.isArray(value)) return value.map((item, index) => encode(item, `${path}[${index}]`, depth + 1, counter))
  if (value instanceof Date) {
    const ms = value.getTime()
    return { $date: Number.isNaN(ms) ? null : ms }
  }
  if (value instanceof Uint8Array) {
    counter.size += value.byteLength * 1.4
    return { $bytes: toBase64(value) }
  }
  if (value instanceof ArrayBuffer) return encodeObject(new Uint8Array(value), path, depth, counter)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null && !isForeignPlain(value)) {
    throw unsyncable(path, `a ${value.constructor?.name ?? 'class instance'}`)
  }
  refuseSymbols(value, path)
  const copy: { [key: string]: JsonValue } = {}
  let count = 0
  let only = ''
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key]
    if (item === undefined || key === '__proto__') continue
    counter.size += key.length + 4
    copy[key] = encode(item, `${path}.${key}`, depth + 1, counter)
    only = key
    count++
  }
  return count === 1 && TAGS.has(only) ? { $escape: copy } : copy
}

/** A plain object of another realm (an iframe, a test's vm): it has a prototype named Object that ends the chain. */
function isForeignPlain(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Object]'
    && Object.getPrototypeOf(Object.getPrototypeOf(value)) === null
    && value.constructor?.name === 'Object'
}

function refuseSymbols(value: object, path: string): void {
  if (Object.getOwnPropertySymbols(value).length) throw unsyncable(path, 'an object with a key that is no string')
}

function unsyncable(path: string, what: string): SyncError {
  return new SyncError('VALIDATION_ERROR', `${path} is ${what}; rows may hold JSON values, Date, bigint, Uint8Array and ArrayBuffer`)
}

/** The value a payload's JSON stands for. A malformed tag stays the object that it is. */
export function decodeValue(value: JsonValue): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(decodeValue)
  const keys = Object.keys(value)
  if (keys.length === 1 && TAGS.has(keys[0]!)) {
    const decoded = decodeTag(keys[0]!, value[keys[0]!]!)
    if (decoded !== undefined) return decoded
  }
  return decodeEntries(value)
}

/** A payload's values, decoded. The payload itself is never a tag, whatever its only key is called. */
export function decodePayload(payload: WirePayload): Record<string, unknown> {
  return decodeEntries(payload)
}

function decodeEntries(value: { [key: string]: JsonValue }): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (key !== '__proto__') copy[key] = decodeValue(value[key]!)
  }
  return copy
}

function decodeTag(tag: string, inner: JsonValue): unknown {
  switch (tag) {
    case '$date': return inner === null ? new Date(Number.NaN) : typeof inner === 'number' ? new Date(inner) : undefined
    case '$bigint': return typeof inner === 'string' && /^-?\d{1,4000}$/.test(inner) ? BigInt(inner) : undefined
    case '$bytes': return typeof inner === 'string' ? fromBase64(inner) : undefined
    case '$number': return inner === 'NaN' ? Number.NaN : inner === 'Infinity' ? Infinity : inner === '-Infinity' ? -Infinity : undefined
    default: return inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? decodeEntries(inner) : undefined
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  // In slices: an argument list has a bounded length.
  for (let start = 0; start < bytes.length; start += 8192) binary += String.fromCharCode(...bytes.subarray(start, start + 8192))
  return btoa(binary)
}

function fromBase64(text: string): Uint8Array | undefined {
  try { return Uint8Array.from(atob(text), char => char.charCodeAt(0)) }
  catch { return undefined }
}
