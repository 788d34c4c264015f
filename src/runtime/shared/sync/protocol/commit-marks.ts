/** A device hands back no more than so many marks: those of answers that were under way at once. */
export const MARKS_MAX = 8

const MARK = /^\d{1,15}\.[0-9a-z]{1,11}$/

/** Whether this is what a store hands out: the mark of one commit. */
export function isCommitMark(text: unknown): text is string {
  return typeof text === 'string' && MARK.test(text)
}

/** Whether this is what a device hands back: one mark, or up to 8 with commas between. */
export function areCommitMarks(text: unknown): text is string {
  if (typeof text !== 'string') return false
  // One more than may be tells as much as all of them.
  const marks = text.split(',', MARKS_MAX + 1)
  return marks.length <= MARKS_MAX && marks.every(isCommitMark)
}
