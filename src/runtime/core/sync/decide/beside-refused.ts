import { compareRevisions } from '../../../shared/sync/protocol/revision'
import type { StoredRevision } from '../../../shared/sync/protocol/types'
import type { OutboxFailure } from '../records/engine-records'

/** What the store has of a refused edit's record, as far as this device knows. */
export function remoteBeside({ remote, isRemoteGone }: OutboxFailure): StoredRevision | undefined {
  return isRemoteGone ? undefined : remote
}

/** Of two revisions that the store told of, the one that stands beside a refused edit: no feed tells of it again. The first, where they are the same. */
export function newestBeside<T extends StoredRevision | undefined>(first: StoredRevision | undefined, second: T): StoredRevision | T {
  if (!first) return second
  return second && compareRevisions(second.stamp, first.stamp) > 0 ? second : first
}
