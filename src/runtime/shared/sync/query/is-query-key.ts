import { PAYLOAD_MAX_DEPTH } from '../protocol/limits'
import { isKey } from './compare-keys'

/**
 * Whether a query may ask for the value (a `QueryKey`). Rows can have more kinds of keys: bytes are none here, because a plan is written as
 * JSON. Lists may be nested as deep as rows.
 */
export function isQueryKey(value: unknown, depth = 0): boolean {
  if (ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]') return false
  if (!Array.isArray(value)) return isKey(value)
  // A copy, because `every` skips holes.
  return depth < PAYLOAD_MAX_DEPTH && Array.from(value as unknown[]).every(item => isQueryKey(item, depth + 1))
}
