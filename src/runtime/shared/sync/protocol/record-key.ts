/** One text for a record of a table, inside its workspace. Primary keys hold no control characters, so no two records share one. */
export function recordKey(tableName: string, pk: string): string {
  return `${tableName}\u0000${pk}`
}
