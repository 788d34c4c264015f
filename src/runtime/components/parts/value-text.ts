/** A value of a row as a person reads it. `none`: the text for a value that is not there. */
export function valueText(value: unknown, none: string): string {
  if (value === undefined || value === null) return none
  if (typeof value === 'string') return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString()
  if (value instanceof Uint8Array) return `${value.length} bytes`
  // JSON has no bigint.
  return typeof value === 'object' ? JSON.stringify(value, (_, part: unknown) => typeof part === 'bigint' ? String(part) : part, 2) : String(value)
}
