import { knewRevision } from '../../../shared/sync/protocol/knew-revision'
import type { BaseRevision, ChangeStamp } from '../../../shared/sync/protocol/types'
import type { TombstoneRecord } from '../records/engine-records'

/** The revision in a tombstone. Null: it has none, as this device knew no revision of the others. */
export function revisionBeside({ clock, hlc }: Pick<TombstoneRecord, 'clock' | 'hlc'>): BaseRevision | null {
  return clock > 0 ? { clock, hlc } : null
}

/** Whether this device knew a revision that comes in, according to the given-up tombstone beside its private row. */
export function isKnownBeside(tombstone: TombstoneRecord, stamp: ChangeStamp): boolean {
  if (!tombstone.isGivenUp) return false
  // It is asked for the edit that will share the row again: that edit gets a clock above all that is known by then.
  return knewRevision({ clock: Infinity, hlc: '', base: revisionBeside(tombstone), unheard: tombstone.unheard }, stamp)
}
