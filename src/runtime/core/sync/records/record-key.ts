/** A table and a primary key as one text. Table names contain no `/`, so no two records have the same key. */
export function recordKey(tableName: string, pk: string): string {
  return `${tableName}/${pk}`
}

/** A record: its table's local name, and its primary key. It is also the key of `tombstones` and `sync_quarantine`. */
export type RecordName = [tableName: string, pk: string]
