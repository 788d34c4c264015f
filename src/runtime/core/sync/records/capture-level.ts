/** Dexie's own level for add-ons that track changes: inside hooks, outside observability and cache. */
export const CAPTURE_LEVEL = 1
