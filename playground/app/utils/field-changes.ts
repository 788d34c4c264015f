/** A field that two versions of a row have differently. Undefined: the version does not have it. */
export interface FieldChange { field: string, mine: unknown, theirs: unknown }

/** Columns of the engine, which say nothing to people. */
const ENGINE = new Set(['clock', 'hlc', 'op_id'])
/** Changes with every edit, so it is no difference that anybody has to decide on. */
const STAMPS = new Set(['updated_at', 'edited_at'])

type Row = Readonly<Record<string, unknown>> | null | undefined

/** The fields in which the versions differ. Without a row, of a deleted version, all fields of the other one. Times of the edit come only if nothing else differs. */
export function fieldChanges(mine: Row, theirs: Row): FieldChange[] {
  const fields = [...new Set([...Object.keys(mine ?? {}), ...Object.keys(theirs ?? {})])].filter(field => !ENGINE.has(field))
  const changes = fields
    .map(field => ({ field, mine: mine?.[field], theirs: theirs?.[field] }))
    .filter(change => JSON.stringify(change.mine) !== JSON.stringify(change.theirs))
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
