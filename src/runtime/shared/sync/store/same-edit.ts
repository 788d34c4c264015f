import type { JsonValue } from '../protocol/types'
import { sameJson } from '../rows/same-json'
import type { AcceptedOp } from './push-item'
import type { RecordRow } from './record-row'

/** Whether an op and the stored row that it replaces have the same content. Then nothing is lost, and no conflict is reported. */
export function isSameEdit({ op, payload, isSameContent }: AcceptedOp, stored: RecordRow): boolean {
  if (op !== stored.op) return false
  return samePayload(payload, stored.payload) || (stored.payload !== null && !!isSameContent?.(stored.payload))
}

function samePayload(a: string | null, b: string | null): boolean {
  if (a === b) return true
  // Both texts come from `JSON.stringify`, so equal values can differ in the order of their keys only, and have the same length.
  if (a === null || b === null || a.length !== b.length) return false
  return sameJson(JSON.parse(a) as JsonValue, JSON.parse(b) as JsonValue)
}
