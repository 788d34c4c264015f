const PREFIX = 'draft:'

/** Where the tab's storage keeps a draft. */
export function draftKey(database: string, what: string): string {
  return PREFIX + JSON.stringify([database, what])
}

/** Forgets all drafts of this tab. */
export function forgetDrafts(): void {
  const keys = Object.keys(sessionStorage).filter(key => key.startsWith(PREFIX))
  for (const key of keys) sessionStorage.removeItem(key)
}
