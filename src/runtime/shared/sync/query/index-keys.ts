import { compareKeys, isKey } from './compare-keys'

/**
 * The keys under which a row stands in an index, as IndexedDB has them. None: the row is not in the index, because the field is missing or
 * its value is no key. Several, in their order: only in a multi-entry index, such as `*tags`.
 *
 * `index`: as in `QueryPlan`. `primaryKey`: local name of the field.
 */
export function indexKeys(index: string | null, row: Record<string, unknown>, primaryKey: string): unknown[] {
  if (index?.startsWith('*')) return itemKeys(valueAt(row, index.slice(1)))
  const key = index?.startsWith('[') ? index.slice(1, -1).split('+').map(path => valueAt(row, path)) : valueAt(row, index ?? primaryKey)
  return isKey(key) ? [key] : []
}

/** Items that are no keys are left out. Equal items stand in the index once. */
function itemKeys(value: unknown): unknown[] {
  const keys = (Array.isArray(value) ? value : [value]).filter(isKey)
  // Sorted, so that equal ones stand side by side: one row may have tens of thousands.
  return keys.sort(compareKeys).filter((key, at) => at === 0 || compareKeys(keys[at - 1], key) !== 0)
}

/** The value at a path such as `meta.kind`. */
function valueAt(row: unknown, path: string): unknown {
  let value = row
  for (const name of path.split('.')) {
    // The only property of texts that IndexedDB can index.
    if (typeof value === 'string' && name === 'length') value = value.length
    else value = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
  }
  return value
}
