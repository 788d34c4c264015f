/** The colours that a note can have. */
export const NOTE_COLORS = ['amber', 'sky', 'emerald', 'rose', 'violet'] as const
export type NoteColor = typeof NOTE_COLORS[number]

/** A row of `posts`, as the notes show it. */
export interface Note {
  id: string
  title: string
  content?: string
  color?: NoteColor
  pinned?: boolean
  updated_at?: number
}
