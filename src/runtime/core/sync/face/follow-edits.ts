import { isAboveBase } from '../../../shared/sync/protocol/knew-revision'
import type { Revision } from '../../../shared/sync/protocol/revision'
import type { OutboxEntry } from '../queue/outbox-view'
import { newestOf } from './decide-row-state'

/** The newest edit of a record that is waited for, as it was last seen. */
export interface FollowedEdit extends Revision {
  /** The outbox record that it was in. A new revision does not move it to another one. */
  recordId: number | undefined
}

export type Followed
  /** The edit waits. */
  = | { kind: 'waits', edit: FollowedEdit }
  /** The store has it, or something newer. */
    | { kind: 'settled' }
    | { kind: 'refused', edit: OutboxEntry }
  /** `capture` keeps it back. */
    | { kind: 'held' }

/**
 * Decides what has become of a record's edits. `edits`: those in the outbox now, oldest first. `before`: the edit as it was last seen; null: this is
 * the first look, which takes all edits that wait.
 *
 * If the edit is gone, later edits tell what has become of it. The store had it if the oldest of them was made upon it, or upon something newer.
 * Otherwise the later edits have replaced it, and the newest of them is followed from now on.
 */
export function followEdits(before: FollowedEdit | null, edits: readonly OutboxEntry[]): Followed {
  if (before) {
    const same = newestOf(edits.filter(({ opId, record }) => opId === before.opId || record.id === before.recordId))
    if (same) return stateOf(same)
    const base = (edits.find(({ record }) => record.status === 'failed') ?? edits[0])?.base
    if (base && !isAboveBase(before, base)) return { kind: 'settled' }
  }
  const newest = edits.find(({ record }) => record.status === 'failed') ?? newestOf(edits)
  return newest ? stateOf(newest) : { kind: 'settled' }
}

function stateOf(edit: OutboxEntry): Followed {
  const { clock, hlc, opId, record } = edit
  switch (record.status) {
    case 'failed': return { kind: 'refused', edit }
    case 'held': return { kind: 'held' }
    case 'pending': return { kind: 'waits', edit: { clock, hlc, opId, recordId: record.id } }
  }
}
