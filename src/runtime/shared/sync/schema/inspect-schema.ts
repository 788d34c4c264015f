/**
 * What can be seen of a schema beyond the Standard Schema interface, which tells neither fields nor whether a check is
 * asynchronous. Known for zod (and what resembles it); `null` or false for others, whose mistakes show at the first row.
 */
export function schemaFields(schema: unknown): ReadonlySet<string> | null {
  const shape = (schema as { shape?: unknown } | null)?.shape
  return shape && typeof shape === 'object' ? new Set(Object.keys(shape)) : null
}

/** Whether an `async` function stands anywhere in a zod schema's definition. */
export function findAsyncFunction(schema: unknown): boolean {
  const seen = new Set<object>()
  const visit = (value: unknown, depth: number): boolean => {
    if (typeof value === 'function') return isAsyncFunction(value)
    if (!value || typeof value !== 'object' || depth > 12 || seen.has(value)) return false
    seen.add(value)
    const zod = (value as { _zod?: { def?: unknown } })._zod
    if (zod) return visit(zod.def, depth + 1)
    const children = value instanceof Map || value instanceof Set ? [...value.values()] : Object.values(value)
    return children.some(child => visit(child, depth + 1))
  }
  return visit((schema as { _zod?: { def?: unknown } } | null)?._zod?.def, 0)
}

/** Whether a function is declared `async`. One that returns a promise without saying so is not seen. */
export function isAsyncFunction(value: unknown): boolean {
  return typeof value === 'function' && value.constructor?.name === 'AsyncFunction'
}
