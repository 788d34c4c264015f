import type { FailedExport } from '../core/sync/face/sync-queue'
import { toBase64 } from '../shared/sync/rows/base64'

/**
 * Refused edits as the text of a JSON file, to be kept or sent to support. Values that JSON lacks are tagged as they are when they are sent:
 * `{ "$date": ms }`, `{ "$bigint": "…" }`, `{ "$bytes": base64 }`, `{ "$number": "NaN" }`.
 */
export function exportText(failed: readonly FailedExport[]): string {
  return JSON.stringify(failed, function (this: Record<string, unknown>, key: string, value: unknown) {
    // Dates have been made texts by now, so look at what they were.
    return tagged(this[key]) ?? value
  }, 2)
}

function tagged(value: unknown): object | undefined {
  if (value instanceof Date) return { $date: value.getTime() }
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  return undefined
}
