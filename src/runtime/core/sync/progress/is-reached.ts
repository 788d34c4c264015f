import { isVersion } from '../../../shared/sync/protocol/is-version'
import type { StoredRevision } from '../../../shared/sync/protocol/types'
import type { BootstrapState, CursorState } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'

export interface ReachedInput {
  cursor: CursorState | undefined
  walk: BootstrapState | undefined
  deviceId: string
}

/**
 * Whether this device has read the feed up to a revision that a push reply told of. If not, the revision may be a part of another device's
 * transaction, and must not be shown alone: the level step that reaches it brings it again. This device's own revisions can be shown at any time.
 */
export function isReached({ serverVersion, stamp }: StoredRevision, { cursor, walk, deviceId }: ReachedInput): boolean {
  if (!isVersion(serverVersion) || stamp.deviceId === deviceId) return true
  // The pages of a walk do not move the cursor. What stood beside a refused edit when its page came does not come again.
  if (walk && (walk.target === 0 || walk.direction === 'asc' || serverVersion <= walk.target)) return true
  return serverVersion <= (cursor?.cursor ?? 0)
}

/** Reads what `isReached` needs. Must run in the transaction that relies on it. */
export async function readReached({ sync_state }: EngineDatabase, deviceId: string): Promise<ReachedInput> {
  const [cursor, walk] = await sync_state.bulkGet(['cursor', 'bootstrap']) as [CursorState?, BootstrapState?]
  return { cursor, walk, deviceId }
}
