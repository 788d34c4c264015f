import { erasedName } from '#or3-sync/shared/sync/store/erased-name'
import type { SyncDoc, SyncReader } from './sync-data-model'
import { sha256 } from './sha256'

/**
 * The counter of a workspace; null where nobody has written. The counter of an erased workspace stands under a hidden name. Its
 * version goes on from there, and the next write gives it `workspace_id` again.
 */
export async function findCounter(db: SyncReader, workspaceId: string): Promise<SyncDoc<'sync_counters'> | null> {
  const named = (name: string) => db.query('sync_counters').withIndex('by_workspace', q => q.eq('workspace_id', name)).unique()
  return await named(workspaceId) ?? await named(erasedName(await sha256(workspaceId)))
}
