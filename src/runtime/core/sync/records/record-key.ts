/** One text for a record of a table. Table names hold no `/`, so no two records share a key. */
export function recordKey(tableName: string, pk: string): string {
  return `${tableName}/${pk}`
}

/** A record's table, by its local name, and its primary key: as the engine's tables are keyed. */
export type RecordName = [tableName: string, pk: string]
