/**
 * The names of a schema's fields. The Standard Schema interface does not tell them, so this reads the `shape` of zod and similar libraries.
 * Null for other schemas: mistakes in field names then show only at the first row.
 */
export function schemaFields(schema: unknown): ReadonlySet<string> | null {
  const shape = (schema as { shape?: unknown } | null)?.shape
  return shape && typeof shape === 'object' ? new Set(Object.keys(shape)) : null
}

/** Whether there is an `async` function anywhere in a zod schema's definition. False for schemas of other libraries. */
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

/** Whether a function is declared `async`. A plain function that returns a promise is not recognised. */
export function isAsyncFunction(value: unknown): boolean {
  return typeof value === 'function' && value.constructor?.name === 'AsyncFunction'
}
