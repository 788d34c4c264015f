const PREFIX = 'draft:'

/** The key of a draft in the tab's session storage. Without a user: a guest's. */
export function draftKey(userId: string | null, workspaceId: string | null, what: string): string {
  return PREFIX + JSON.stringify([userId, workspaceId, what])
}

/** The draft that is kept under the key. Null: none. */
export function readDraft<T>(key: string): T | null {
  try { return JSON.parse(sessionStorage.getItem(key) ?? 'null') as T | null }
  catch { return null }
}

/** Keeps a draft, or removes it. When the storage is full or blocked, the text is still in the page, but does not survive a reload. */
export function keepDraft(key: string, draft: unknown): void {
  try {
    if (draft === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(draft))
  }
  catch { /* See above. */ }
}
