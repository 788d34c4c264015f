/** The engine's own tables, in the same database as the app's. */
export const ENGINE_TABLES = {
  pendingOps: 'pending_ops',
  tombstones: 'tombstones',
  state: 'sync_state',
  conflicts: 'sync_conflicts',
  quarantine: 'sync_quarantine',
  notifications: 'sync_notifications',
} as const

export const ENGINE_TABLE_NAMES: readonly string[] = Object.values(ENGINE_TABLES)

/** The columns that the engine adds to every synced row. Together they are the row's revision. */
export const ENGINE_COLUMNS: ReadonlySet<string> = new Set(['clock', 'hlc', 'op_id'])

/** Format of the engine's own tables and columns. It rises when an older engine could no longer read them. */
export const ENGINE_FORMAT = 1
