import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'

/** A synced record at the end of a walk over everything the store has. */
export interface WalkedRecord {
  here: Revision
  /** What the walk was told of it; absent: nothing. */
  theirs: Revision | undefined
  /** An edit of it waits in the outbox, or stands in the dead letter. */
  isWaiting: boolean
  /** A push of it was answered since, and its revision or the winner's is here: the walk may have passed its place by then. */
  isAnswered: boolean
}

/** Whether the store no longer has the record, or has it in a lower revision, and no edit of ours explains that. */
export function isMissing({ here, theirs, isWaiting, isAnswered }: WalkedRecord): boolean {
  if (isWaiting || isAnswered) return false
  return !theirs || compareRevisions(here, theirs) > 0
}
