import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'

/** What is known of a record at the end of a walk. */
export interface WalkedRecord {
  /** Its revision on this device. */
  here: Revision
  /** Its revision in the store, as a page told. Undefined: no page named the record. */
  theirs: Revision | undefined
  /** The outbox has an edit of it: pending, held or in the dead letter. */
  isWaiting: boolean
  /** A push of it was answered since the walk began. The walk may have passed its place before that, so `theirs` may be old. */
  isAnswered: boolean
}

/** Whether the store does not have the record, or has a lower revision of it, and no edit of this device explains that. */
export function isMissing({ here, theirs, isWaiting, isAnswered }: WalkedRecord): boolean {
  if (isWaiting || isAnswered) return false
  return !theirs || compareRevisions(here, theirs) > 0
}
