import { PAYLOAD_MAX_DEPTH } from '../protocol/limits'
import type { JsonValue, WirePayload } from '../protocol/types'
import { VALUE_TAGS } from './value-tags'

type Container = JsonValue[] | { [key: string]: JsonValue }

/**
 * Looks for a value that is nested deeper than `levels` levels of objects and arrays, not counting the payload itself.
 * Default of `levels`: `PAYLOAD_MAX_DEPTH`.
 *
 * @returns the path of the first such value, as in `body.list[0]`, or null.
 */
export function findTooDeep(payload: WirePayload, levels = PAYLOAD_MAX_DEPTH): string | null {
  return search(payload, levels)?.replace(/^\./, '') ?? null
}

/** The error text for a path that `findTooDeep` found. The path is last, because it may be long and messages are cut off. */
export function nestedTooDeep(path: string): string {
  return `nested deeper than ${PAYLOAD_MAX_DEPTH} levels of objects and arrays, at ${path}`
}

function search(value: Container, levels: number): string | null {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = searchIn(value[index]!, levels)
      if (found !== null) return `[${index}]${found}`
    }
    return null
  }
  for (const key of Object.keys(value)) {
    const found = searchIn(value[key]!, levels)
    if (found !== null) return `.${key}${found}`
  }
  return null
}

function searchIn(value: JsonValue, levels: number): string | null {
  const container = containerOf(value)
  if (!container) return null
  return levels === 0 ? '' : search(container, levels - 1)
}

/** The object or array that a value will be once it is decoded, or null. A tag such as `$date` is one value; `$escape` is the object in it. */
function containerOf(value: JsonValue): Container | null {
  if (value === null || typeof value !== 'object') return null
  if (Array.isArray(value)) return value
  const [tag, ...more] = Object.keys(value)
  if (tag === undefined || more.length || !VALUE_TAGS.has(tag)) return value
  const inner = value[tag]!
  if (inner === null || typeof inner !== 'object') return null
  return tag === '$escape' && !Array.isArray(inner) ? inner : value
}
