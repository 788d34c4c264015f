import type { SaveOutcome } from '~/composables/useSavedText'

type Database = ReturnType<typeof getDb>

/** Writes the title or content of a note, unless it is no longer `base` because somebody has changed it. */
export function saveNoteText(db: Database, id: string, field: 'title' | 'content', base: string, text: string): Promise<SaveOutcome> {
  return db.transaction('rw', db.posts, async () => {
    const note = await db.posts.get(id)
    if (!note) return 'gone'
    if ((note[field] ?? '') !== base) return 'changed'
    // Only this field, because another person may be editing the other one.
    await db.posts.update(id, { [field]: text, updated_at: Date.now() })
    return 'saved'
  })
}
