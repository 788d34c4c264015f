import type { WirePayload } from '../../shared/sync/protocol/types'
import { decodePayload } from '../../shared/sync/rows/decode-payload'
import { encodeRow } from '../../shared/sync/rows/encode-row'

/** A row as JSON, under local names and without the engine's columns. What JSON lacks is tagged as on the wire: `{ "$date": 0 }`. */
export type JsonRow = WirePayload

/**
 * A row to be shown. The page that shows it may be another window, whose `Date` and `Uint8Array` are other classes: so it gets JSON.
 */
export function toJsonRow(row: Record<string, unknown>): JsonRow {
  try { return encodeRow(row).payload }
  catch {
    // Another version of the app, or the browser's tools, have stored a value that cannot be sent.
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'object' || typeof value === 'function' ? String(value) : value])) as JsonRow
  }
}

/** The row that was shown as this JSON. */
export function fromJsonRow(json: JsonRow): Record<string, unknown> {
  return decodePayload(json)
}
