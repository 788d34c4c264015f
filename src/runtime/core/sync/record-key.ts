/** One text for a record of a table. Table names hold no `/`, so no two records share a key. */
export function recordKey(tableName: string, pk: string): string {
  return `${tableName}/${pk}`
}
