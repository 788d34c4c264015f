import { ENGINE_COLUMNS } from '../schema/engine-tables'
import { RESERVED_FIELDS } from '../schema/reserved-fields'
import type { JsonValue, WirePayload } from '../protocol/types'

/** Reserved names, and the engine's columns. A store takes the revision from the stamp, never from a row. */
const TAKEN_OUT: readonly string[] = [...RESERVED_FIELDS, ...ENGINE_COLUMNS]

/** A payload without the names that are never stored. Other unknown keys are kept. Returns the same object if there is nothing to remove. */
export function sanitizePayload(payload: WirePayload): WirePayload {
  let clean = dropProto(payload) as WirePayload
  for (const name of TAKEN_OUT) {
    if (!Object.hasOwn(clean, name)) continue
    if (clean === payload) clean = { ...payload }
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- from a fixed list; `__proto__` is gone already
    delete clean[name]
  }
  return clean
}

function dropProto(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) {
    let copy = value
    for (let index = 0; index < value.length; index++) {
      const item = dropProto(value[index]!)
      if (item === value[index]) continue
      if (copy === value) copy = [...value]
      copy[index] = item
    }
    return copy
  }
  let changed = Object.hasOwn(value, '__proto__')
  const entries: [string, JsonValue][] = []
  for (const key of Object.keys(value)) {
    if (key === '__proto__') continue
    const item = dropProto(value[key]!)
    if (item !== value[key]) changed = true
    entries.push([key, item])
  }
  return changed ? Object.fromEntries(entries) : value
}
