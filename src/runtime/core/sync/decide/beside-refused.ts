import { compareRevisions } from '../../../shared/sync/protocol/revision'
import type { StoredRevision } from '../../../shared/sync/protocol/types'
import type { OutboxFailure } from '../records/engine-records'

/** The revision that the store has of a refused edit's record, as far as this device knows. Undefined: none. */
export function remoteBeside({ remote, isRemoteGone }: OutboxFailure): StoredRevision | undefined {
  return isRemoteGone ? undefined : remote
}

/**
 * The higher of two revisions from the store. It is noted beside a refused edit, because the feed does not send it again. If both are the same,
 * the first is returned.
 */
export function newestBeside<T extends StoredRevision | undefined>(first: StoredRevision | undefined, second: T): StoredRevision | T {
  if (!first) return second
  return second && compareRevisions(second.stamp, first.stamp) > 0 ? second : first
}
