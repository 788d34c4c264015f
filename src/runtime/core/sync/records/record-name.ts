/** A record's table, by its local name, and its primary key: as the engine's tables are keyed. */
export type RecordName = [tableName: string, pk: string]
