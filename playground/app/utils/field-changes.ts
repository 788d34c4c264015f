import type { FieldDiff } from '#or3-sync'

/** Changes with every edit, so it is no difference that anybody has to decide on. */
const STAMPS = new Set(['updated_at', 'edited_at'])

/** The fields that differ. Times of the edit come only if nothing else differs. */
export function changedFields(fields: readonly FieldDiff[]): FieldDiff[] {
  const changes = fields.filter(({ isEqual }) => !isEqual)
  const chosen = changes.filter(({ field }) => !STAMPS.has(field))
  return chosen.length ? chosen : changes
}

/** A part of a text, and whether the other version has it, too. */
export interface TextPart { text: string, isShared: boolean }

/** Divides a text into what it has in common with another one at its beginning and end, and what is its own between them. Words stay whole. */
export function ownPart(text: string, other: string): TextPart[] {
  const [words, others] = [text, other].map(each => each.split(/(?<=\s)/)) as [string[], string[]]
  let start = 0
  while (start < words.length && words[start] === others[start]) start++
  let end = 0
  while (end < Math.min(words.length, others.length) - start && words.at(-1 - end) === others.at(-1 - end)) end++
  const parts = [
    { text: words.slice(0, start).join(''), isShared: true },
    { text: words.slice(start, words.length - end).join(''), isShared: false },
    { text: words.slice(words.length - end).join(''), isShared: true },
  ]
  return parts.filter(part => part.text !== '')
}
