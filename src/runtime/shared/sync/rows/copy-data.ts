/** A deep copy of data, for callers who may change it. Errors and functions are not copied, because a copy would not be the same object. */
export function copyData<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value
  if (Array.isArray(value)) return value.map(copyData) as T
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyData(part)])) as T
  try { return structuredClone(value) }
  catch { return value }
}
