/** What the operator can do about an error, by SQLite's primary result code. */
const ADVICE: Record<number, string> = {
  5: 'another process holds it locked; stop that process, or give this server a file of its own',
  6: 'another process holds it locked; stop that process, or give this server a file of its own',
  8: 'it is read-only; the server must be able to write to the file and to its folder',
  10: 'the disk failed to read or write it',
  11: 'it is damaged; restore a backup',
  13: 'the disk is full, or the store has reached its maxBytes',
  14: 'the file or its folder cannot be opened for writing',
  26: 'it is no SQLite database; name another file, or restore a backup',
}

/** One line that says what is wrong with the store's file, followed by SQLite's own message. For the log, never for a reply. */
export function describeSqliteError(error: unknown): string {
  const { errcode, message } = error as { errcode?: unknown, message?: unknown }
  const said = typeof message === 'string' ? message : String(error)
  // Extended codes keep the primary one in their low byte.
  const advice = typeof errcode === 'number' ? ADVICE[errcode & 0xFF] : undefined
  return advice ? `${advice} (${said})` : said
}
