import { compareRevisions, nextClock, type Revision } from '../../../shared/sync/protocol/revision'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import type { BaseRevision, StoredRevision } from '../../../shared/sync/protocol/types'
import type { OutboxFailure, QuarantineRecord, TombstoneRecord, UnconfirmedEdit } from '../records/engine-records'
import { newestBeside, remoteBeside } from './beside-refused'
import { isBelowSetAside, isLostRevision, isUnknowingCreate, isUnknown, meetsUnconfirmed, type WaitingEdit } from './edits-meet'
import { isKnownBeside } from './given-up-tombstone'
import type { KeptConflict, MergeDecision, QuarantineFate } from './merge-decision'

/** What is here of one record when a change of it arrives. */
export interface RecordHere {
  row: RowHere | undefined
  /** Beside a row: what the others have of a record whose row is nobody else's. */
  tombstone: TombstoneRecord | undefined
  edit: WaitingEdit | undefined
  /** Of the record's refused edit, if it has one. */
  failure: OutboxFailure | undefined
  setAside: QuarantineRecord | undefined
  /** The newest edit, where the provider acknowledged it without saying that it was applied. */
  unconfirmed: UnconfirmedEdit | undefined
}

export interface RowHere {
  clock?: number
  hlc?: string
  op_id?: string
  /** `exclude` keeps it on this device. */
  isPrivate: boolean
  /** Nobody else was ever sent it. */
  isOnlyHere: boolean
}

export interface MetChange extends StoredRevision {
  /** It is out of form, or its row fails this device's schema, or it is excluded here. */
  isUnusable: boolean
  isExcluded: boolean
  /** It comes out of quarantine. Else the store has told of it. */
  wasSetAside: boolean
}

/** A record with what the rules below ask of it more than once. */
interface Meeting {
  here: RecordHere
  change: MetChange
  /** Nobody else has the row, whatever `exclude` says by now. Like a private row it stands in no order, but it gives way to a put. */
  isUnshared: boolean
  /** The row, where it stands in the one order. */
  shared: RowHere | undefined
  /** A restored store has lost the change since it was set aside. */
  isLost: boolean
}

/** Decides what follows when a change meets what is here of its record. */
export function decideMerge(here: RecordHere, change: MetChange): MergeDecision {
  const { row, edit } = here
  const isUnshared = row !== undefined && !row.isPrivate && row.isOnlyHere
  const shared = row?.isPrivate || isUnshared ? undefined : row
  const meeting: Meeting = { here, change, isUnshared, shared, isLost: change.wasSetAside && isLostRevision(here.setAside, change.stamp) }
  const known = row?.isPrivate ? revisionBesidePrivate(here) : revisionOf(shared ?? here.tombstone)
  const order = known ? compareRevisions(change.stamp, known) : 1
  // Where the row here is private as well, one that is excluded is looked at like any other.
  if (change.isUnusable && !(row?.isPrivate && change.isExcluded)) return order > 0 ? setAside(meeting) : { ...nothing(meeting), kind: 'ignore' }
  // A later edit of the record takes the refused one's place.
  const isRefused = edit?.status === 'failed'
  // What an upgrade made is nobody's edit: refused or not, it gives way.
  const givesWay = edit !== undefined && isUpgradedRevision(edit) && order > 0
  if (isRefused && !givesWay) return meetRefused(meeting)
  if (order === 0) return { ...nothing(meeting), kind: 'echo', edits: { kind: 'taken' }, quarantine: row?.isPrivate ? untouched(meeting) : forgotten(meeting) }
  if (edit && shared && order > 0 && isUnknowingCreate(edit.base, edit, change)) return raise(meeting)
  const meets = edit ? isUnknown(edit, change.stamp) : meetsUnconfirmed(here.unconfirmed, change.stamp)
  return order < 0 ? stay(meeting, meets) : apply(meeting, meets)
}

function nothing(meeting: Meeting): Omit<MergeDecision, 'kind'> {
  return {
    conflict: null, edits: { kind: 'stay' }, row: 'stays', tombstone: { kind: 'stays' }, quarantine: untouched(meeting), isConfirmed: false, isReported: false,
  }
}

function setAside(meeting: Meeting): MergeDecision {
  const { here, change } = meeting
  const reason = change.isExcluded ? 'excluded' : 'schema'
  const isNew = here.setAside?.change.stamp.opId !== change.stamp.opId
  return { ...nothing(meeting), kind: 'set-aside', quarantine: kept(meeting, reason), isReported: reason === 'schema' && isNew }
}

/** What stands beside a refused edit is the store's. What the store has lost stays where it is. */
function meetRefused(meeting: Meeting): MergeDecision {
  const { here: { failure }, change: { op, payload, stamp, serverVersion }, isLost } = meeting
  if (isLost) return { ...nothing(meeting), kind: 'wait' }
  const remote = newestBeside(failure && remoteBeside(failure), { op, payload, stamp, serverVersion })
  return { ...nothing(meeting), kind: 'keep-beside', edits: { kind: 'beside', remote }, quarantine: forgotten(meeting) }
}

function raise(meeting: Meeting): MergeDecision {
  const { stamp } = meeting.change
  return { ...nothing(meeting), kind: 'raise', edits: { kind: 'raised', clock: nextClock(stamp.clock), base: baseOf(stamp) }, quarantine: forgotten(meeting) }
}

function stay(meeting: Meeting, meets: boolean): MergeDecision {
  const { here: { row }, change: { stamp } } = meeting
  const staying = { ...nothing(meeting), kind: 'stay' as const, quarantine: row?.isPrivate ? untouched(meeting) : forgotten(meeting) }
  if (!meets) return staying
  return { ...staying, conflict: { winner: 'local', local: ourSide(meeting) }, edits: { kind: 'based', base: baseOf(stamp) }, isConfirmed: true }
}

function apply(meeting: Meeting, meets: boolean): MergeDecision {
  const { here: { row, tombstone }, change, isUnshared, isLost } = meeting
  const given = { ...nothing(meeting), conflict: lostToThem(meeting, meets), isConfirmed: true }
  if (row?.isPrivate || (isUnshared && change.op === 'delete')) return keepRow(meeting, given)
  return {
    ...given, kind: 'apply', edits: { kind: isLost ? 'requeued' : 'gone' }, row: 'theirs', quarantine: forgotten(meeting),
    tombstone: { kind: change.op === 'delete' ? 'theirs' : tombstone ? 'gone' : 'stays' },
  }
}

/** The conflict when theirs is higher. */
function lostToThem(meeting: Meeting, meets: boolean): KeptConflict | null {
  const { here: { row }, change, isUnshared } = meeting
  if (row && isUnshared && change.op === 'put') return { winner: 'remote', local: { op: 'put', ...revisionHere(row) } }
  // A row that turned private without being written stays as it is: nothing is lost.
  const turnedPrivate = row?.isPrivate && !row.isOnlyHere
  return meets && !turnedPrivate ? { winner: 'remote', local: ourSide(meeting) } : null
}

/**
 * The row here is nobody else's, and stays as it is. To the others the record is what its tombstone says: deleted when the row became
 * private. What comes above that is set aside; a delete is the next tombstone.
 */
function keepRow(meeting: Meeting, given: Omit<MergeDecision, 'kind'>): MergeDecision {
  const { here: { row, tombstone, edit }, change } = meeting
  // Nobody was ever sent what is in it.
  const isUnsent = edit !== undefined && edit.opId === row?.op_id
  const keeping: MergeDecision = { ...given, kind: 'keep-row', edits: { kind: 'gone' }, row: isUnsent ? 'only-here' : 'stays' }
  if (change.op === 'delete') return { ...keeping, tombstone: { kind: 'theirs' }, quarantine: forgotten(meeting) }
  const quarantine = kept(meeting, 'excluded')
  if (!tombstone) return { ...keeping, quarantine }
  // What this device knew of theirs stays, as long as they have nothing newer. It may be its own, of which it had not heard.
  return { ...keeping, quarantine, tombstone: isKnownBeside(tombstone, change.stamp) ? { kind: 'known', revision: baseOf(change.stamp) } : { kind: 'gone' } }
}

function kept({ here, change, isLost }: Meeting, reason: QuarantineRecord['reason']): QuarantineFate {
  return isBelowSetAside(change.stamp, here.setAside) ? { kind: 'stays' } : { kind: 'kept', reason, isLost }
}

function forgotten(meeting: Meeting): QuarantineFate {
  const { here, change } = meeting
  return here.setAside && !isBelowSetAside(change.stamp, here.setAside) ? { kind: 'forgotten' } : untouched(meeting)
}

/** Somebody else may have queued again what a restored store had lost. */
function untouched({ here, change }: Meeting): QuarantineFate {
  return { kind: !change.wasSetAside && isLostRevision(here.setAside, change.stamp) ? 'found' : 'stays' }
}

/** Our side of a conflict: the row as our edit left it, or its delete. */
function ourSide({ here: { edit, unconfirmed }, shared }: Meeting): KeptConflict['local'] {
  const { clock, hlc, opId } = (edit ?? unconfirmed)!
  return { op: shared ? 'put' : 'delete', clock, hlc, opId }
}

/** What the others have of a record whose row is private here, as far as this device knows; a page may come after what it set aside. */
function revisionBesidePrivate({ tombstone, setAside }: RecordHere): Revision | undefined {
  if (tombstone) return revisionOf(tombstone)
  // One that waits for the answer to a push was never looked at.
  return setAside?.reason === 'unanswered' ? undefined : setAside?.change.stamp
}

function revisionOf(stored: Partial<Pick<TombstoneRecord, 'clock' | 'hlc' | 'op_id'>> | undefined): Revision | undefined {
  return stored?.clock === undefined ? undefined : revisionHere(stored)
}

function revisionHere({ clock = 0, hlc = '', op_id: opId = '' }: Partial<Pick<TombstoneRecord, 'clock' | 'hlc' | 'op_id'>>): Revision {
  return { clock, hlc, opId }
}

function baseOf({ clock, hlc }: BaseRevision): BaseRevision {
  return { clock, hlc }
}
