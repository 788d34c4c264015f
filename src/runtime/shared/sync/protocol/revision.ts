import type { ChangeStamp } from './types'

/** The place of an edit in the order of its record's edits. */
export type Revision = Pick<ChangeStamp, 'clock' | 'hlc' | 'opId'>

/** Where `clock` stays once it got there; from then on the HLC decides. */
export const MAX_CLOCK = 2 ** 31 - 1

/**
 * The one order, on every end: clock, then HLC, then op id.
 * Text is compared by UTF-16 code units; HLC and op id are ASCII, so every store agrees.
 *
 * @returns below 0 when `a` is older, 0 when both are the same op, above 0 when `a` is newer.
 */
export function compareRevisions(a: Revision, b: Revision): number {
  if (a.clock !== b.clock) return a.clock < b.clock ? -1 : 1
  if (a.hlc !== b.hlc) return a.hlc < b.hlc ? -1 : 1
  if (a.opId !== b.opId) return a.opId < b.opId ? -1 : 1
  return 0
}

/** The clock of a new edit upon a record that stands at `stored` (0 or absent: there is none). */
export function nextClock(stored: number | undefined): number {
  return Math.min((stored ?? 0) + 1, MAX_CLOCK)
}
