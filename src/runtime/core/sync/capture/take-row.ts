import type { EncodedRow } from '../../../shared/sync/rows/encode-row'
import { askTable } from '../rows/ask-table'
import { encodeLocalRow } from '../rows/encode-local-row'
import type { CaptureContext } from './capture-context'
import { readKey } from './read-key'

/** A row of the app that was checked: it can be stored, and sent as JSON. */
export interface TakenRow extends EncodedRow {
  pk: string
  /** The row is private: it stays on this device. */
  isExcluded: boolean
  /** `capture` keeps it back for now. */
  isHeld: boolean
}

/**
 * Checks and encodes one row of an `add` or `put`, before anything is read or written.
 *
 * @throws SyncError `VALIDATION_ERROR` or `OVERSIZED` that names table and path.
 */
export function takeRow({ table, options, noteRefused }: CaptureContext, value: Record<string, unknown>): TakenRow {
  try {
    const encoded = encodeLocalRow(table, value)
    const pk = readKey(table, encoded.row)
    const isExcluded = options.isExcluded(table, encoded.row)
    return { ...encoded, pk, isExcluded, isHeld: !isExcluded && askTable(table, 'capture', encoded.row) === false }
  }
  catch (error) {
    noteRefused(value)
    throw error
  }
}
