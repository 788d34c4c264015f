import { ENGINE_COLUMNS } from '../shared/sync/schema/engine-tables'

/** One field of two versions of a row. */
export interface FieldDiff {
  field: string
  /** The value on this device. Undefined: the field, or the whole row, is not there. */
  local: unknown
  /** The value of the other version. Undefined as for `local`. */
  remote: unknown
  isEqual: boolean
}

/**
 * Compares two versions of a row field by field: the fields of `local` in their order, then those that only `remote` has. Undefined: there is no
 * row (it was deleted). The engine's columns, which nobody
 * has edited, are left out. Values are compared by content: dates, bytes, lists and objects at any depth.
 */
export function diffRows(local: Readonly<Record<string, unknown>> | undefined, remote: Readonly<Record<string, unknown>> | undefined): FieldDiff[] {
  const fields = new Set([...Object.keys(local ?? {}), ...Object.keys(remote ?? {})].filter(field => !ENGINE_COLUMNS.has(field)))
  return [...fields].map((field) => {
    const [here, there] = [local?.[field], remote?.[field]]
    return { field, local: here, remote: there, isEqual: isSame(here, there) }
  })
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (!isObject(a) || !isObject(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (a instanceof Date) return Object.is(a.getTime(), (b as unknown as Date).getTime())
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && isSame(a[key], b[key]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
