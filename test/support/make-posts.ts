/** A note of the playground. */
export interface PostRow {
  id: string
  title: string
  content: string
  color: 'amber' | 'sky' | 'emerald' | 'rose' | 'violet'
  pinned: boolean
  updated_at: number
}

/** `count` notes with keys `<prefix>-0000`, `<prefix>-0001`, … */
export function makePosts(prefix: string, count: number): PostRow[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}-${String(index).padStart(4, '0')}`,
    title: `${prefix} ${index}`,
    content: `Note ${index} of ${prefix}`,
    color: 'sky',
    pinned: false,
    updated_at: 1_760_000_000_000 + index,
  }))
}
