import type { JsonValue } from '../protocol/types'
import { sameJson } from '../rows/same-json'
import type { AcceptedOp } from './push-item'
import type { RecordRow } from './record-row'

/** Whether two edits, neither of which knew the other, say the same: then nothing is lost. */
export function isSameEdit({ op, payload, isSameContent }: AcceptedOp, stored: RecordRow): boolean {
  if (op !== stored.op) return false
  return samePayload(payload, stored.payload) || (stored.payload !== null && !!isSameContent?.(stored.payload))
}

function samePayload(a: string | null, b: string | null): boolean {
  if (a === b) return true
  // Both were written by `JSON.stringify`: equal values differ in the order of their keys at most.
  if (a === null || b === null || a.length !== b.length) return false
  return sameJson(JSON.parse(a) as JsonValue, JSON.parse(b) as JsonValue)
}
