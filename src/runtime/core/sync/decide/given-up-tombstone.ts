import { knewRevision } from '../../../shared/sync/protocol/knew-revision'
import type { BaseRevision, ChangeStamp } from '../../../shared/sync/protocol/types'
import type { TombstoneRecord } from '../records/engine-records'

/** The revision in a given-up tombstone. Null: it has none, because this device knew no revision of the other devices' record. */
export function revisionBeside({ clock, hlc }: Pick<TombstoneRecord, 'clock' | 'hlc'>): BaseRevision | null {
  return clock > 0 ? { clock, hlc } : null
}

/** Whether this device already knew an incoming revision, according to the given-up tombstone beside its private row. */
export function isKnownBeside(tombstone: TombstoneRecord, stamp: ChangeStamp): boolean {
  if (!tombstone.isGivenUp) return false
  // A later edit may share the row again, and its clock will be above every revision known by then. `Infinity` stands for that clock.
  return knewRevision({ clock: Infinity, hlc: '', base: revisionBeside(tombstone), unheard: tombstone.unheard }, stamp)
}
