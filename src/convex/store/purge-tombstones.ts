import { laterPurge } from '#or3-sync/shared/sync/store/collectable'
import { findCounter } from './find-counter'
import type { SyncWriter } from './sync-data-model'

/**
 * Forgets deletions that left the feed and were written before a time, oldest first. Their workspaces note the time: pushes, whoever
 * sends them, then no longer take an older put of an unknown record.
 *
 * @returns how many.
 */
export async function purgeTombstones(db: SyncWriter, { before, limit }: { before: number, limit: number }): Promise<number> {
  // `isPurgeable`, said as a range of an index.
  const tombstones = await db.query('change_log')
    .withIndex('by_written', q => q.eq('op', 'delete').eq('collected', true).lt('written_at', before))
    .take(limit)
  await Promise.all(tombstones.map(({ _id }) => db.delete(_id)))
  for (const workspaceId of new Set(tombstones.map(({ workspace_id }) => workspace_id))) {
    const counter = await findCounter(db, workspaceId)
    const noted = counter?.purged_before ?? 0
    const purgedBefore = laterPurge(noted, before)
    if (counter && purgedBefore !== noted) await db.patch(counter._id, { purged_before: purgedBefore })
  }
  return tombstones.length
}
