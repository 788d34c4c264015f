import type { BaseRevision, StoredRevision, SyncOperation } from '../../../shared/sync/protocol/types'
import type { Revision } from '../../../shared/sync/protocol/revision'
import type { ConflictRecord, QuarantineRecord } from '../records/engine-records'

/** Everything that follows when a change meets what is here of its record. The resolver only carries it out. */
export interface MergeDecision {
  kind: MergeKind
  /** Both sides are kept, unless they say the same. Null: nothing of ours would be lost. */
  conflict: KeptConflict | null
  edits: EditsFate
  row: RowFate
  tombstone: TombstoneFate
  quarantine: QuarantineFate
  /** The store's word has come on an edit that was only acknowledged. */
  isConfirmed: boolean
  /** The app hears that a change fails its schema, and waits. */
  isReported: boolean
}

/**
 * - `ignore`: it cannot be used, and is not newer than what is here.
 * - `set-aside`: it cannot be used now.
 * - `keep-beside`: the newest edit here was refused. The change is noted beside it.
 * - `wait`: the same, but the store has lost the change: it waits until the refused edit is gone.
 * - `echo`: our own edit comes back. The store has it, whatever became of the reply.
 * - `raise`: our new record meets a delete that it could not know, and goes above it.
 * - `stay`: ours is higher.
 * - `apply`: theirs is higher.
 * - `keep-row`: theirs is higher, but the row here is nobody else's. It stays, and their record stands beside it.
 */
export type MergeKind = 'ignore' | 'set-aside' | 'keep-beside' | 'wait' | 'echo' | 'raise' | 'stay' | 'apply' | 'keep-row'

export interface KeptConflict {
  winner: ConflictRecord['winner']
  /** Our side: with `put` it is the stored row. */
  local: { op: SyncOperation } & Revision
}

/**
 * What becomes of the record's edits in the outbox.
 *
 * - `taken`: the store has them, up to the change.
 * - `gone`: none is sent any more.
 * - `requeued`: the same, and the change is queued for a restored store that has lost it.
 * - `based`: they count as made upon the change from now on, so that the push does not report it a second time.
 * - `raised`: the newest, and its row, get a new revision with this clock. It counts as made upon the change.
 * - `beside`: the refused one keeps what the store has, for a retry or a discard.
 */
export type EditsFate =
  | { kind: 'stay' | 'taken' | 'gone' | 'requeued' }
  | { kind: 'based', base: BaseRevision }
  | { kind: 'raised', clock: number, base: BaseRevision }
  | { kind: 'beside', remote: StoredRevision }

/** `theirs`: the row of the change, or none after a delete. `only-here`: it stays, as one that nobody else was ever sent. */
export type RowFate = 'stays' | 'theirs' | 'only-here'

/** `theirs`: that of the change. `known`: it stays, and knows this revision of theirs. */
export type TombstoneFate =
  | { kind: 'stays' | 'theirs' | 'gone' }
  | { kind: 'known', revision: BaseRevision }

/** `kept`: the change itself. `forgotten`: what was set aside before. `found`: that stays, and the store has it again. */
export type QuarantineFate =
  | { kind: 'stays' | 'forgotten' | 'found' }
  | { kind: 'kept', reason: QuarantineRecord['reason'], isLost: boolean }
