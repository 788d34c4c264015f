import { hlcNode } from './hlc'
import type { BaseRevision, ChangeStamp } from './types'
import { isUpgradedRevision } from './upgraded-stamp'

/** What an edit says of itself: its own revision, and what it was made upon. */
export interface EditGround {
  clock: number
  hlc: string
  /** Null: there was no such record. Absent: unknown. */
  base?: BaseRevision | null
  /** HLC nodes of the same database whose edits of the record had no answer yet. */
  unheard?: readonly string[]
}

type Stamp = Pick<ChangeStamp, 'clock' | 'hlc'>

/**
 * Whether whoever made an edit knew a revision of the same record that stands somewhere else. If not, the two are concurrent. Decided
 * by what the edit says of its ground, never by who is asking: device ids are copied with their databases.
 */
export function knewRevision(edit: EditGround, revision: Stamp): boolean {
  const { clock, base, unheard = [] } = edit
  // A row that an upgrade made is nobody's edit: whatever was written wins over it.
  if (isUpgradedRevision(revision) || isUpgradedRevision(edit)) return true
  // Queued again after a restore, or sent by somebody who does not say: only edits of one clock cannot have known each other.
  if (base === undefined) return revision.clock !== clock
  if (base !== null && base.clock === revision.clock && base.hlc === revision.hlc) return true
  // Anybody can stamp with a node that they have seen. What a database wrote before an edit stands below it, so what stands above is
  // somebody else's, and nothing of ours is lost to it unnoticed.
  return isAboveBase(revision, base) && isBelow(revision, edit) && unheard.includes(hlcNode(revision.hlc))
}

/** Whether a revision is newer than the one an edit was made upon. */
export function isAboveBase(revision: Stamp, base: BaseRevision | null): boolean {
  return base === null || isBelow(base, revision)
}

function isBelow(a: Stamp, b: Stamp): boolean {
  return a.clock < b.clock || (a.clock === b.clock && a.hlc < b.hlc)
}
