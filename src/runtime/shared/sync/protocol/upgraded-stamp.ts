import { hashText } from './hash-text'
import { UPGRADED_HLC } from './hlc'
import type { Revision } from './revision'
import type { JsonValue, WirePayload } from './types'

/** The lowest clock that there is. */
const UPGRADED_CLOCK = 1

/**
 * The revision of a row that an upgrade of the app's schema creates. It is below every edit, and the same on every device that creates the
 * same row. So the devices do not overwrite each other, or an edit.
 *
 * @param wireName The table's wire name, because it stays the same when the app renames the table.
 */
export function upgradedStamp(wireName: string, pk: string, payload: WirePayload): Revision {
  return { clock: UPGRADED_CLOCK, hlc: UPGRADED_HLC, opId: asUuid(hashText(JSON.stringify([wireName, pk, inKeyOrder(payload)]))) }
}

/** Whether an upgrade of the schema, and not a user, has made this revision. With a higher clock it would win over edits, so that does not count. */
export function isUpgradedRevision({ clock, hlc }: Pick<Revision, 'clock' | 'hlc'>): boolean {
  return hlc === UPGRADED_HLC && clock === UPGRADED_CLOCK
}

/** @returns what is wrong with the stamp of a pushed row that claims to be made by an upgrade, or null. */
export function upgradedProblem({ clock, hlc }: Pick<Revision, 'clock' | 'hlc'>): string | null {
  return hlc === UPGRADED_HLC && clock !== UPGRADED_CLOCK ? `stamp.clock: must be ${UPGRADED_CLOCK} with the HLC of rows that an upgrade made` : null
}

/** Sorts the keys of all objects, so that equal rows get the same hash on every device. */
function inKeyOrder(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(inKeyOrder)
  return Object.fromEntries(Object.keys(value).sort().map(key => [key, inKeyOrder(value[key]!)]))
}

/** A UUID of version 8 (RFC 9562), whose content the application chooses. */
function asUuid(hex: string): string {
  const variant = (Number.parseInt(hex[16]!, 16) & 3 | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
