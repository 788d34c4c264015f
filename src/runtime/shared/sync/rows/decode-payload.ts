import { fromBase64 } from './base64'
import { BIGINT_MAX_DIGITS } from '../protocol/limits'
import type { FieldNames } from '../schema/sync-schema'
import type { JsonValue, WirePayload } from '../protocol/types'
import { VALUE_TAGS } from './value-tags'

/** The same limit of digits as in `encodeRow`. */
const BIGINT = new RegExp(`^-?\\d{1,${BIGINT_MAX_DIGITS}}$`)

/** Decodes one value of a payload. An object that looks like a tag but is malformed stays an object. */
function decodeValue(value: JsonValue): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(decodeValue)
  const keys = Object.keys(value)
  if (keys.length === 1 && VALUE_TAGS.has(keys[0]!)) {
    const decoded = decodeTag(keys[0]!, value[keys[0]!]!)
    if (decoded !== undefined) return decoded
  }
  return decodeEntries(value)
}

/**
 * A payload as a local row: decoded values under local names. The payload itself is never read as a tag, even if its only key is `$date`.
 * Default of `names`: all fields have the same name here and on the wire.
 */
export function decodePayload(payload: WirePayload, names?: FieldNames): Record<string, unknown> {
  if (!names?.toLocalName.size) return decodeEntries(payload)
  const row: Record<string, unknown> = {}
  for (const key of Object.keys(payload)) {
    const wireName = names.toWireName.get(key)
    // An unknown key has the local name of a field that is in the payload under its wire name. The field counts.
    const isHidden = !names.toLocalName.has(key) && wireName !== undefined && Object.hasOwn(payload, wireName)
    if (!isHidden && key !== '__proto__') row[names.toLocalName.get(key) ?? key] = decodeValue(payload[key]!)
  }
  return row
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
    case '$bigint': return typeof inner === 'string' && BIGINT.test(inner) ? BigInt(inner) : undefined
    case '$bytes': return typeof inner === 'string' ? fromBase64(inner) : undefined
    case '$number': return inner === 'NaN' ? Number.NaN : inner === 'Infinity' ? Infinity : inner === '-Infinity' ? -Infinity : undefined
    default: return inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? decodeEntries(inner) : undefined
  }
}
