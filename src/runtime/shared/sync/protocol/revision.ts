import type { ChangeStamp } from './types'

/** The place of an edit in the order of its record's edits. */
export type Revision = Pick<ChangeStamp, 'clock' | 'hlc' | 'opId'>

/** The highest `clock`. A record that has reached it keeps it, and then the HLC decides. */
export const MAX_CLOCK = 2 ** 31 - 1

export function isClock(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_CLOCK
}

/**
 * The order of all edits, the same on devices and in stores: clock, then HLC, then op id.
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

/** The clock of a new edit. `stored`: the clock of the record so far; 0 or absent if there is no record. */
export function nextClock(stored: number | undefined): number {
  return Math.min((stored ?? 0) + 1, MAX_CLOCK)
}
