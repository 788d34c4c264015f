/** A deep copy of a stored row, for a function of the app: it may write to what it is given. */
export function copyRow(row: Record<string, unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(row)) {
    if (key !== '__proto__') copy[key] = copyValue(row[key])
  }
  return copy
}

function copyValue(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(copyValue)
  switch (Object.prototype.toString.call(value)) {
    case '[object Date]': return new Date(value as Date)
    case '[object Uint8Array]': return (value as Uint8Array).slice()
    case '[object ArrayBuffer]': return (value as ArrayBuffer).slice(0)
    case '[object Object]': return copyRow(value as Record<string, unknown>)
    // Nothing that travels.
    default: return value
  }
}
