/** A row's value as Convex can store it: dates become epoch milliseconds, bytes an ArrayBuffer; the rest is as it was. */
export function toConvexValue(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(toConvexValue)
  if (value instanceof Date) return value.getTime()
  if (value instanceof Uint8Array) return value.slice().buffer
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toConvexValue(item)]))
}
