/** The most marks that a device sends in one request. It has several when answers arrived at the same time. */
export const MARKS_MAX = 8

const MARK = /^\d{1,15}\.[0-9a-z]{1,11}$/

/** Whether this is the mark of one commit, as a store sends it. */
export function isCommitMark(text: unknown): text is string {
  return typeof text === 'string' && MARK.test(text)
}

/** Whether these are marks as a device sends them: one, or up to 8 separated by commas. */
export function areCommitMarks(text: unknown): text is string {
  if (typeof text !== 'string') return false
  // Splits off at most one mark too many. That is enough to see that there are too many, however long the text is.
  const marks = text.split(',', MARKS_MAX + 1)
  return marks.length <= MARKS_MAX && marks.every(isCommitMark)
}
