import { toBase64 } from './base64'
import { ENGINE_COLUMNS } from '../schema/engine-tables'
import { SyncError } from '../protocol/errors'
import { BIGINT_MAX_DIGITS, PAYLOAD_MAX_DEPTH, STORED_ROW_MAX_SIZE } from '../protocol/limits'
import { RESERVED_FIELDS } from '../schema/reserved-fields'
import type { FieldNames } from '../schema/sync-schema'
import type { JsonValue, WirePayload } from '../protocol/types'
import { VALUE_TAGS } from './value-tags'

/** What {@link encodeRow} makes of a row. Later changes to the row do not change it. */
export interface EncodedRow {
  /** What is sent: JSON values under wire names. */
  payload: WirePayload
  /**
   * What is stored here: a plain deep copy under local names, without proxies, which IndexedDB always accepts. A device that decodes
   * `payload` gets the same row. Objects that are equal in both are shared with `payload`, so change neither of them below its first level.
   */
  row: Record<string, unknown>
  /** A rough size, to limit memory: the characters of texts, and about 8 for every other value. */
  size: number
}

export interface EncodeOptions {
  /** Put before every path in errors. Default: none. */
  tableName?: string
  /** Fields that have another name on the wire. Default: none. */
  names?: FieldNames
}

/** Keys that are left out at the first level of a row. */
const LEFT_OUT: ReadonlySet<string> = new Set([...ENGINE_COLUMNS, ...RESERVED_FIELDS])

/** The state of one walk over a row. It is at the value named by `path[0]` to `path[depth - 1]`. */
interface Walk {
  tableName: string | undefined
  size: number
  depth: number
  readonly path: (string | number)[]
  /** The form to store of the value that was encoded last. */
  stored: unknown
}

/**
 * Checks a row that the app writes, and makes two copies of it: one to store and one to send. Both stand for the same row:
 *
 * - Left out are the engine's columns, reserved names, and `undefined` in objects.
 * - `undefined` in an array becomes null, -0 becomes 0, an ArrayBuffer becomes a Uint8Array.
 * - A value under a field's wire name counts as the value of that field.
 * - Proxies are stored as what they show.
 *
 * @throws SyncError `VALIDATION_ERROR` for a value that cannot be synced or stored, and for a field that has different values under its local and
 * its wire name. `OVERSIZED` above {@link STORED_ROW_MAX_SIZE}. Both messages name the table and the path.
 */
export function encodeRow(row: Record<string, unknown>, { tableName, names }: EncodeOptions = {}): EncodedRow {
  const walk: Walk = { tableName, size: 0, depth: 0, path: [], stored: undefined }
  try { return encodeFields(row, names?.toWireName.size ? names : undefined, walk) }
  catch (error) {
    if (error instanceof SyncError) throw error
    // A getter or a proxy of the app has thrown.
    throw new SyncError('VALIDATION_ERROR', `${placeOf(walk)} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function encodeFields(row: Record<string, unknown>, names: FieldNames | undefined, walk: Walk): EncodedRow {
  if (row === null || typeof row !== 'object') throw unsyncable(walk, row === null ? 'null' : `a ${typeof row}`)
  refuseSymbols(row, walk)
  const payload: WirePayload = {}
  // Null while it is equal to the payload: copying the payload as a whole is cheaper than copying each key.
  let stored: Record<string, unknown> | null = null
  for (const key of Object.keys(row)) {
    if (LEFT_OUT.has(key)) continue
    // Set before the value is read, because a getter may throw and the error needs the path.
    walk.path[0] = key
    walk.depth = 1
    const value = row[key]
    if (value === undefined) continue
    grow(walk, key.length + 4 + sizeOf(value))
    const encoded = isAsIs(value) ? value : encode(value, 1, walk)
    const kept = isAsIs(value) ? value : walk.stored
    const localName = names ? localNameOf(key, row, names, walk) : key
    const wireName = names?.toWireName.get(localName) ?? localName
    if (!stored && (kept !== encoded || wireName !== localName)) stored = { ...payload }
    if (stored) stored[localName] = kept
    payload[wireName] = encoded
  }
  return { payload, row: stored ?? { ...payload }, size: walk.size }
}

/** The local name for a key of the row. A field's wire name means that field, because nothing else can be sent under this name. */
function localNameOf(key: string, row: Record<string, unknown>, { toWireName, toLocalName }: FieldNames, walk: Walk): string {
  const local = toWireName.has(key) ? key : toLocalName.get(key) ?? key
  if (local === key || row[local] === undefined || row[local] === row[key]) return local
  throw new SyncError('VALIDATION_ERROR', `${placeOf(walk)} is what the field "${local}" is called on the wire, and the row has another "${local}"; write "${local}" only`)
}

/** Whether a value is stored and sent as it is. Most are, so they skip `encode`. */
function isAsIs(value: unknown): value is string | number | boolean | null {
  return typeof value === 'string' || typeof value === 'boolean' || value === null || (Number.isFinite(value) && !Object.is(value, -0))
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 8
}

/** Encodes a value that `isAsIs` is false for. Returns the form to send, and puts the form to store into `walk.stored`. */
function encode(value: unknown, depth: number, walk: Walk): JsonValue {
  walk.stored = value
  switch (typeof value) {
    case 'number': return value === 0 ? walk.stored = 0 : { $number: String(value) }
    case 'bigint': return encodeBigint(value, walk)
    case 'object': return encodeObject(value as object, depth, walk)
    case 'undefined': return walk.stored = null
    default: throw unsyncable(walk, `a ${typeof value}`)
  }
}

function encodeBigint(value: bigint, walk: Walk): JsonValue {
  const text = String(value)
  grow(walk, text.length)
  if (text.length > BIGINT_MAX_DIGITS) throw unsyncable(walk, `a bigint of more than ${BIGINT_MAX_DIGITS} digits`)
  return { $bigint: text }
}

function encodeObject(value: object, depth: number, walk: Walk): JsonValue {
  if (Array.isArray(value)) return encodeArray(value, depth, walk)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null || isForeignPlain(value)) return encodePlain(value as Record<string, unknown>, depth, walk)
  return encodeLeaf(value, walk)
}

function encodeArray(value: readonly unknown[], depth: number, walk: Walk): JsonValue {
  refuseDepth(depth, walk)
  const payload: JsonValue[] = []
  let stored: unknown[] | null = null
  for (let index = 0; index < value.length; index++) {
    walk.path[depth] = index
    walk.depth = depth + 1
    const item: unknown = value[index]
    grow(walk, sizeOf(item))
    const encoded = isAsIs(item) ? item : encode(item, depth + 1, walk)
    const kept = isAsIs(item) ? item : walk.stored
    if (!stored && kept !== encoded) stored = [...payload]
    stored?.push(kept)
    payload.push(encoded)
  }
  walk.depth = depth
  walk.stored = stored ?? payload
  return payload
}

function encodePlain(value: Record<string, unknown>, depth: number, walk: Walk): JsonValue {
  refuseDepth(depth, walk)
  refuseSymbols(value, walk)
  const payload: { [key: string]: JsonValue } = {}
  let stored: Record<string, unknown> | null = null
  let count = 0
  let only = ''
  for (const key of Object.keys(value)) {
    if (key === '__proto__') continue
    walk.path[depth] = key
    walk.depth = depth + 1
    const item = value[key]
    if (item === undefined) continue
    grow(walk, key.length + 4 + sizeOf(item))
    const encoded = isAsIs(item) ? item : encode(item, depth + 1, walk)
    const kept = isAsIs(item) ? item : walk.stored
    if (!stored && kept !== encoded) stored = { ...payload }
    if (stored) stored[key] = kept
    payload[key] = encoded
    only = key
    count++
  }
  walk.depth = depth
  walk.stored = stored ?? payload
  return count === 1 && VALUE_TAGS.has(only) ? { $escape: payload } : payload
}

/** Encodes objects that stand for one value. It asks for the brand, not `instanceof`, because an iframe has classes of its own. */
function encodeLeaf(value: object, walk: Walk): JsonValue {
  switch (brandOf(value)) {
    case 'Date': {
      const ms = Date.prototype.getTime.call(value)
      walk.stored = new Date(ms)
      return { $date: Number.isNaN(ms) ? null : ms }
    }
    case 'Uint8Array': {
      if (brandOf((value as Uint8Array).buffer) === 'SharedArrayBuffer') throw unsyncable(walk, 'a Uint8Array over a SharedArrayBuffer')
      return encodeBytes(new Uint8Array(value as Uint8Array), walk)
    }
    case 'ArrayBuffer': return encodeBytes(new Uint8Array((value as ArrayBuffer).slice(0)), walk)
    default:
      throw unsyncable(walk, `a ${classOf(value)}`)
  }
}

/** @param bytes Must be a copy. The app's array may be a view of a far larger buffer, and IndexedDB would store the whole buffer. */
function encodeBytes(bytes: Uint8Array, walk: Walk): JsonValue {
  grow(walk, bytes.byteLength * 1.4)
  walk.stored = bytes
  return { $bytes: toBase64(bytes) }
}

function brandOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

function classOf(value: object): string {
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name ? name : 'class instance'
}

/** Whether this is a plain object of another realm (an iframe, a test's vm). Its prototype is the last of its chain, and its class is called Object. */
function isForeignPlain(value: object): boolean {
  return brandOf(value) === 'Object'
    && Object.getPrototypeOf(Object.getPrototypeOf(value)) === null
    && value.constructor?.name === 'Object'
}

function grow(walk: Walk, size: number): void {
  walk.size += size
  if (walk.size > STORED_ROW_MAX_SIZE) throw new SyncError('OVERSIZED', `${placeOf(walk)} makes the row larger than ${STORED_ROW_MAX_SIZE} bytes, which browsers do not store`)
}

function refuseDepth(depth: number, walk: Walk): void {
  if (depth > PAYLOAD_MAX_DEPTH) throw new SyncError('VALIDATION_ERROR', `${placeOf(walk)} is nested deeper than ${PAYLOAD_MAX_DEPTH} levels (or refers to itself)`)
}

function refuseSymbols(value: object, walk: Walk): void {
  if (Object.getOwnPropertySymbols(value).length) throw unsyncable(walk, 'an object with a key that is no string')
}

function unsyncable(walk: Walk, what: string): SyncError {
  return new SyncError('VALIDATION_ERROR', `${placeOf(walk)} is ${what}; rows may hold JSON values, Date, bigint, Uint8Array and ArrayBuffer`)
}

/** Where the walk is, as in `todos.tags[3].when`. */
function placeOf({ tableName, path, depth }: Walk): string {
  let place = tableName ?? ''
  for (const part of path.slice(0, depth)) place += typeof part === 'number' ? `[${part}]` : place ? `.${part}` : part
  return place || 'the row'
}
