/** Dexie's own level for add-ons that track changes: below the app's hooks, above Dexie's cache and what notifies `liveQuery`. */
export const CAPTURE_LEVEL = 1
