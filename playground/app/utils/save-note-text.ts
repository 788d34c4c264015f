import type { SaveOutcome } from '~/composables/useSavedText'

type Database = ReturnType<typeof getDb>

/** Writes one text of a note, unless somebody has made another one of `base` meanwhile. */
export function saveNoteText(db: Database, id: string, field: 'title' | 'content', base: string, text: string): Promise<SaveOutcome> {
  return db.transaction('rw', db.posts, async () => {
    const note = await db.posts.get(id)
    if (!note) return 'gone'
    if ((note[field] ?? '') !== base) return 'changed'
    // Only this field: two people may edit different ones.
    await db.posts.update(id, { [field]: text, updated_at: Date.now() })
    return 'saved'
  })
}
