import { compareRevisions, nextClock, type Revision } from '../../../shared/sync/protocol/revision'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import type { BaseRevision, StoredRevision } from '../../../shared/sync/protocol/types'
import type { OutboxFailure, QuarantineRecord, TombstoneRecord, UnconfirmedEdit } from '../records/engine-records'
import { newestBeside, remoteBeside } from './beside-refused'
import { isBelowSetAside, isLostRevision, isUnknowingCreate, isUnknown, meetsUnconfirmed, type WaitingEdit } from './edits-meet'
import { isKnownBeside } from './given-up-tombstone'
import type { KeptConflict, MergeDecision, QuarantineFate } from './merge-decision'

/** The local state of one record when a change of it arrives. */
export interface RecordHere {
  row: RowHere | undefined
  /** Beside a row it means: the row belongs to this device alone, and this is what the other devices have. */
  tombstone: TombstoneRecord | undefined
  /** The store has had the tombstone's delete for so long that it may have purged it. Then a put that it has now was made since. */
  isPurged?: boolean
  /** The newest local edit in the outbox, waiting or refused. */
  edit: WaitingEdit | undefined
  /** The failure of the record's dead letter, if it has one. */
  failure: OutboxFailure | undefined
  /** The record's change in quarantine. */
  setAside: QuarantineRecord | undefined
  /** An edit that the provider acknowledged without saying whether the store applied it. */
  unconfirmed: UnconfirmedEdit | undefined
}

export interface RowHere {
  clock?: number
  hlc?: string
  op_id?: string
  /** `exclude` keeps the row on this device. */
  isPrivate: boolean
  /** The row was never sent to the store. */
  isOnlyHere: boolean
}

export interface MetChange extends StoredRevision {
  /** The change is malformed, or its row fails this device's schema, or `exclude` is true for it here. */
  isUnusable: boolean
  /** The only problem: `exclude` is true for its row here. */
  isExcluded: boolean
  /** The change comes out of quarantine, not from the store. */
  wasSetAside: boolean
}

/** The local record and the change, with what several rules below need. */
interface Meeting {
  here: RecordHere
  change: MetChange
  /** The row was never sent, and is not private now. It has no place in the order of revisions, like a private row. But an incoming put replaces it. */
  isUnshared: boolean
  /** The row, if it has a place in the order of revisions: neither private nor unshared. */
  shared: RowHere | undefined
  /** The change was in quarantine, and a restored store has lost it. */
  isLost: boolean
}

/** Decides what follows when an incoming change meets the local state of its record. Pure: the caller carries the decision out. */
export function decideMerge(here: RecordHere, change: MetChange): MergeDecision {
  const { row, edit } = here
  const isUnshared = row !== undefined && !row.isPrivate && row.isOnlyHere
  const shared = row?.isPrivate || isUnshared ? undefined : row
  const meeting: Meeting = { here, change, isUnshared, shared, isLost: change.wasSetAside && isLostRevision(here.setAside, change.stamp) }
  const isMadeSince = !shared && here.isPurged === true && change.op === 'put'
  const known = isMadeSince ? null : row?.isPrivate ? revisionBesidePrivate(here) : revisionOf(shared ?? here.tombstone)
  const order = known ? compareRevisions(change.stamp, known) : 1
  // A change that cannot be used is only set aside. One case goes on to the rules below: the change is excluded here, and the local row is
  // private too. Then local edits may be the delete for the other devices, and `keepRow` settles those as well as setting the change aside.
  if (change.isUnusable && !(row?.isPrivate && change.isExcluded)) return order > 0 ? setAside(meeting) : { ...nothing(meeting), kind: 'ignore' }
  // `edit` is the newest one: if the user has edited again after a refusal, the record no longer counts as refused.
  const isRefused = edit?.status === 'failed'
  // No user made the revision of an upgrade. So it gives way to a higher one, even if it was refused.
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

/** The dead letter notes the store's newest revision. A change that a restored store has lost is not the store's, so it stays in quarantine. */
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

/** The conflict that is kept when the incoming revision is higher. */
function lostToThem(meeting: Meeting, meets: boolean): KeptConflict | null {
  const { here: { row }, change, isUnshared } = meeting
  if (row && isUnshared && change.op === 'put') return isOwnEdit(row, change.stamp) ? null : { winner: 'remote', local: { op: 'put', ...revisionHere(row) } }
  // The row became private without being written: it stays as it is, so nothing is lost.
  const turnedPrivate = row?.isPrivate && !row.isOnlyHere
  return meets && !turnedPrivate ? { winner: 'remote', local: ourSide(meeting) } : null
}

/**
 * The change is what this device wrote into the row that it has kept to itself since. The app's next version had made the row private in one tab, while
 * another tab had sent it already. Each write of a private row has an HLC of its own, so nothing was written since.
 */
function isOwnEdit(row: RowHere, { clock, hlc }: Revision): boolean {
  return row.clock === clock && row.hlc === hlc
}

/**
 * The local row belongs to this device alone, so it stays. The tombstone beside it says what the other devices have: the record was deleted for
 * them when the row became private. A newer delete replaces that tombstone. A newer put goes to quarantine.
 */
function keepRow(meeting: Meeting, given: Omit<MergeDecision, 'kind'>): MergeDecision {
  const { here: { row, tombstone, edit }, change } = meeting
  // The row's last edit was still in the outbox, so its content was never sent.
  const isUnsent = edit !== undefined && edit.opId === row?.op_id
  const keeping: MergeDecision = { ...given, kind: 'keep-row', edits: { kind: 'gone' }, row: isUnsent ? 'only-here' : 'stays' }
  if (change.op === 'delete') return { ...keeping, tombstone: { kind: 'theirs' }, quarantine: forgotten(meeting) }
  const quarantine = kept(meeting, 'excluded')
  if (!tombstone) return { ...keeping, quarantine }
  // A put that this device knew already (perhaps its own, without an answer) does not take the given-up tombstone away.
  return { ...keeping, quarantine, tombstone: isKnownBeside(tombstone, change.stamp) ? { kind: 'known', revision: baseOf(change.stamp) } : { kind: 'gone' } }
}

function kept({ here, change, isLost }: Meeting, reason: QuarantineRecord['reason']): QuarantineFate {
  return isBelowSetAside(change.stamp, here.setAside) ? { kind: 'stays' } : { kind: 'kept', reason, isLost }
}

function forgotten(meeting: Meeting): QuarantineFate {
  const { here, change } = meeting
  return here.setAside && !isBelowSetAside(change.stamp, here.setAside) ? { kind: 'forgotten' } : untouched(meeting)
}

/** Quarantine stays. But if the store now sends the very change that counted as lost, another device has sent it again: `found`. */
function untouched({ here, change }: Meeting): QuarantineFate {
  return { kind: !change.wasSetAside && isLostRevision(here.setAside, change.stamp) ? 'found' : 'stays' }
}

/** The local side of a conflict: the row as the local edit left it, or the local delete. */
function ourSide({ here: { edit, unconfirmed }, shared }: Meeting): KeptConflict['local'] {
  const { clock, hlc, opId } = (edit ?? unconfirmed)!
  return { op: shared ? 'put' : 'delete', clock, hlc, opId }
}

/**
 * The revision of the other devices' record whose row is private here, as far as this device knows: from the tombstone, else the higher of two. One
 * is in quarantine. The other is the row's own, if it became private without being written.
 */
function revisionBesidePrivate({ row, tombstone, setAside }: RecordHere): Revision | undefined {
  if (tombstone) return revisionOf(tombstone)
  const own = row?.isOnlyHere ? undefined : revisionOf(row)
  // A change that waits for the answer to a push has not been merged yet, so it does not count as known.
  const aside = setAside?.reason === 'unanswered' ? undefined : setAside?.change.stamp
  return own && aside && compareRevisions(own, aside) > 0 ? own : aside ?? own
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
