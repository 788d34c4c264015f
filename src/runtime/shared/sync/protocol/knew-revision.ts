import { hlcNode } from './hlc'
import type { BaseRevision, ChangeStamp } from './types'
import { isUpgradedRevision } from './upgraded-stamp'

/** The parts of an edit that tell which revisions it was made knowing. */
export interface EditGround {
  clock: number
  hlc: string
  /** The revision that the edit was made upon. Null: there was no such record. Absent: unknown. */
  base?: BaseRevision | null
  /** HLC nodes under which the same database edited the record before, without an answer yet. */
  unheard?: readonly string[]
}

type Stamp = Pick<ChangeStamp, 'clock' | 'hlc'>

/**
 * Whether an edit was made knowing another revision of the same record. If not, the two are concurrent, and one of them loses in a conflict.
 * Only the edit's own `base` and `unheard` decide this, never a device id: device ids are copied with their databases.
 */
export function knewRevision(edit: EditGround, revision: Stamp): boolean {
  const { clock, base, unheard = [] } = edit
  // A row that an upgrade created is no edit of a user: any edit wins over it without a conflict.
  if (isUpgradedRevision(revision) || isUpgradedRevision(edit)) return true
  // The edit was queued again after a restore, or its client sends no base. Only edits with equal clocks surely did not know each other.
  if (base === undefined) return revision.clock !== clock
  if (base !== null && base.clock === revision.clock && base.hlc === revision.hlc) return true
  // A node alone proves nothing, because others can stamp with a node that they have seen. This database's earlier edits are all below
  // this edit. So a revision above it is another's, even under our node, and must be reported as a conflict.
  return isAboveBase(revision, base) && isBelow(revision, edit) && unheard.includes(hlcNode(revision.hlc))
}

/** Whether a revision is newer than the one an edit was made upon. */
export function isAboveBase(revision: Stamp, base: BaseRevision | null): boolean {
  return base === null || isBelow(base, revision)
}

function isBelow(a: Stamp, b: Stamp): boolean {
  return a.clock < b.clock || (a.clock === b.clock && a.hlc < b.hlc)
}
