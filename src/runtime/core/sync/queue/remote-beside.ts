import type { StoredRevision } from '../../../shared/sync/protocol/types'
import type { OutboxRecord } from '../records/engine-records'

/** What the store has of a refused edit's record, as far as this device knows. */
export function remoteBeside({ failure }: OutboxRecord): StoredRevision | undefined {
  return failure?.isRemoteGone ? undefined : failure?.remote
}
