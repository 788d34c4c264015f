import { findCounter } from './find-counter'
import type { SyncWriter } from './sync-data-model'

/**
 * Forgets deletions that left the feed and were written before a time, oldest first. Their workspaces note the time: pushes, whoever
 * sends them, then no longer take an older put of an unknown record.
 *
 * @returns how many.
 */
export async function purgeTombstones(db: SyncWriter, { before, limit }: { before: number, limit: number }): Promise<number> {
  const tombstones = await db.query('change_log')
    .withIndex('by_written', q => q.eq('op', 'delete').eq('collected', true).lt('written_at', before))
    .take(limit)
  await Promise.all(tombstones.map(({ _id }) => db.delete(_id)))
  for (const workspaceId of new Set(tombstones.map(({ workspace_id }) => workspace_id))) {
    const counter = await findCounter(db, workspaceId)
    if (counter && (counter.purged_before ?? 0) < before) await db.patch(counter._id, { purged_before: before })
  }
  return tombstones.length
}
