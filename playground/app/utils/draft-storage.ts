const PREFIX = 'draft:'

/** The key of a draft in the tab's session storage. */
export function draftKey(database: string, what: string): string {
  return PREFIX + JSON.stringify([database, what])
}

/** Deletes all drafts of this tab. */
export function forgetDrafts(): void {
  const keys = Object.keys(sessionStorage).filter(key => key.startsWith(PREFIX))
  for (const key of keys) sessionStorage.removeItem(key)
}
