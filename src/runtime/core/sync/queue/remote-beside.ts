import type { StoredRevision } from '../../../shared/sync/protocol/types'
import type { OutboxRecord } from '../records/engine-records'

/** The revision that the store has of the record of an edit in the dead letter, as far as this device knows. */
export function remoteBeside({ failure }: OutboxRecord): StoredRevision | undefined {
  return failure?.isRemoteGone ? undefined : failure?.remote
}
