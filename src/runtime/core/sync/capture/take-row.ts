import type { EncodedRow } from '../../../shared/sync/rows/encode-row'
import { askTable } from '../rows/ask-table'
import { encodeLocalRow } from '../rows/sync-payload-normalizer'
import type { CaptureContext } from './capture-context'
import { readKey } from './read-key'

/** A row of the app that can be stored and can travel. */
export interface TakenRow extends EncodedRow {
  pk: string
  /** It stays on this device. */
  isExcluded: boolean
  /** It is sent later. */
  isHeld: boolean
}

/**
 * Takes one row of an `add` or `put` in. Nothing has been read or written yet, so a refusal leaves nothing half done.
 *
 * @throws SyncError `VALIDATION_ERROR` or `OVERSIZED` naming table and path.
 */
export function takeRow({ table, options, blame }: CaptureContext, value: Record<string, unknown>): TakenRow {
  try {
    const encoded = encodeLocalRow(table, value)
    const pk = readKey(table, encoded.row)
    const isExcluded = options.isExcluded(table, encoded.row)
    return { ...encoded, pk, isExcluded, isHeld: !isExcluded && askTable(table, 'capture', encoded.row) === false }
  }
  catch (error) {
    blame(value)
    throw error
  }
}
