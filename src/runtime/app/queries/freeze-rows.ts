/**
 * Freezes the rows of a result in development. A row that is changed in place (`v-model="todo.title"`) is neither stored nor shown, and nobody would hear of it; of a frozen
 * one the browser says where it happens. Lists stay as they are: an app may sort them.
 */
export function freezeRows(value: unknown): void {
  for (const row of Array.isArray(value) ? value : [value]) if (isRow(row)) Object.freeze(row)
}

/** A row of a synced table has the engine's columns. Other objects belong to the querier. */
function isRow(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'hlc' in value && 'op_id' in value
}
