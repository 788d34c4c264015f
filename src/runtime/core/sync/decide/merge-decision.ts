import type { BaseRevision, StoredRevision, SyncOperation } from '../../../shared/sync/protocol/types'
import type { Revision } from '../../../shared/sync/protocol/revision'
import type { ConflictRecord, QuarantineRecord } from '../records/engine-records'

/** Everything that follows when an incoming change meets the local state of its record. `ConflictResolver` carries it out. */
export interface MergeDecision {
  kind: MergeKind
  /** Both sides are kept, unless their content is the same. Null: no local edit would be lost. */
  conflict: KeptConflict | null
  edits: EditsFate
  row: RowFate
  tombstone: TombstoneFate
  quarantine: QuarantineFate
  /** It is now known what became of an edit that the provider only acknowledged. */
  isConfirmed: boolean
  /** The app is told that the change fails its schema and is in quarantine. */
  isReported: boolean
}

/**
 * - `ignore`: the change cannot be used, and is not newer than the local record.
 * - `set-aside`: the change is newer, but cannot be used now. It goes to quarantine.
 * - `keep-beside`: the newest local edit was refused. The change is noted in that dead letter.
 * - `wait`: the same, but a restored store has lost the change. It stays in quarantine until the dead letter is gone.
 * - `echo`: our own edit comes back. So the store has it, even if the push reply was lost.
 * - `raise`: a local create meets an older delete that it could not know. The create gets a revision above the delete.
 * - `stay`: the local revision is higher.
 * - `apply`: the incoming revision is higher.
 * - `keep-row`: the incoming revision is higher, but the local row belongs to this device alone. The row stays. A tombstone or a
 *   quarantine record beside it keeps what the other devices have.
 */
export type MergeKind = 'ignore' | 'set-aside' | 'keep-beside' | 'wait' | 'echo' | 'raise' | 'stay' | 'apply' | 'keep-row'

export interface KeptConflict {
  winner: ConflictRecord['winner']
  /** The local side. With `put`, its content is the stored row. */
  local: { op: SyncOperation } & Revision
}

/**
 * What becomes of the record's edits in the outbox.
 *
 * - `stay`: nothing changes.
 * - `taken`: edits up to the change's revision leave the outbox, because the store has them.
 * - `gone`: all leave the outbox, because the change replaces them.
 * - `requeued`: as `gone`, and the change itself is queued, because a restored store has lost it.
 * - `based`: the change becomes their base, so that the push does not report the same conflict a second time.
 * - `raised`: the newest edit and its row get a new revision with this clock. The change becomes its base.
 * - `beside`: the dead letter notes the store's revision, for a later retry or discard.
 */
export type EditsFate =
  | { kind: 'stay' | 'taken' | 'gone' | 'requeued' }
  | { kind: 'based', base: BaseRevision }
  | { kind: 'raised', clock: number, base: BaseRevision }
  | { kind: 'beside', remote: StoredRevision }

/**
 * - `theirs`: the row of the incoming change is stored. If the change is a delete, the row is removed.
 * - `only-here`: the row stays, but loses its op id, because its content was never sent.
 */
export type RowFate = 'stays' | 'theirs' | 'only-here'

/** `theirs`: the incoming delete is written as tombstone. `known`: the tombstone stays, with this revision of the other devices' record. */
export type TombstoneFate =
  | { kind: 'stays' | 'theirs' | 'gone' }
  | { kind: 'known', revision: BaseRevision }

/**
 * - `kept`: the change is put into quarantine.
 * - `forgotten`: the record's quarantined change is removed.
 * - `found`: the quarantined change stays, but no longer counts as lost by the store.
 */
export type QuarantineFate =
  | { kind: 'stays' | 'forgotten' | 'found' }
  | { kind: 'kept', reason: QuarantineRecord['reason'], isLost: boolean }
