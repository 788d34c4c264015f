import { hashText } from './hash-text'
import { UPGRADED_HLC } from './hlc'
import type { Revision } from './revision'
import type { JsonValue, WirePayload } from './types'

/** No edit has a lower one. */
const UPGRADED_CLOCK = 1

/**
 * The revision of a row that an upgrade of the app's schema creates: below every edit there ever was, and the same on every device that
 * makes the same row.
 *
 * @param wireName the table's, which stays when the app renames the table
 */
export function upgradedStamp(wireName: string, pk: string, payload: WirePayload): Revision {
  return { clock: UPGRADED_CLOCK, hlc: UPGRADED_HLC, opId: asUuid(hashText(JSON.stringify([wireName, pk, inKeyOrder(payload)]))) }
}

/** Whether a revision is that of a row which an upgrade has created, and nobody's edit. Under a higher clock it would beat edits. */
export function isUpgradedRevision({ clock, hlc }: Pick<Revision, 'clock' | 'hlc'>): boolean {
  return hlc === UPGRADED_HLC && clock === UPGRADED_CLOCK
}

/** @returns what is wrong with the stamp of a pushed row that claims to be made by an upgrade, or null. */
export function upgradedProblem({ clock, hlc }: Pick<Revision, 'clock' | 'hlc'>): string | null {
  return hlc === UPGRADED_HLC && clock !== UPGRADED_CLOCK ? `stamp.clock: must be ${UPGRADED_CLOCK} with the HLC of rows that an upgrade made` : null
}

/** Objects keep the order in which a device wrote their keys: that must not tell two equal rows apart. */
function inKeyOrder(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(inKeyOrder)
  return Object.fromEntries(Object.keys(value).sort().map(key => [key, inKeyOrder(value[key]!)]))
}

/** RFC 9562, version 8: a UUID of the application's own making. */
function asUuid(hex: string): string {
  const variant = (Number.parseInt(hex[16]!, 16) & 3 | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
