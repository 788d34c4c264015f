import { GC_MAX_RESULTS_BYTES } from '../convex-limits'
import type { SyncDoc, SyncWriter } from './sync-data-model'

/** A device, or a writer: what was answered stands in a document of its own. */
type WithResults = Pick<SyncDoc<'sync_writers'>, 'results_bytes' | 'results_id'> & { _id: SyncDoc<'sync_writers'>['_id'] | SyncDoc<'device_cursors'>['_id'] }

/**
 * Deletes documents with the answers they refer to, in the order given, as far as one transaction should go.
 *
 * @returns how many; at least one, if there is one.
 */
export async function deleteWithResults(db: SyncWriter, docs: readonly (Partial<WithResults> & Pick<WithResults, '_id'>)[]): Promise<number> {
  let bytes = 0
  let count = 0
  for (const doc of docs) {
    bytes += doc.results_bytes ?? 0
    if (count > 0 && bytes > GC_MAX_RESULTS_BYTES) break
    if (doc.results_id !== undefined) await db.delete(doc.results_id)
    await db.delete(doc._id)
    count++
  }
  return count
}
