/** SQLite's primary result codes for a lock that another connection holds. */
const BUSY = 5
const LOCKED = 6

/** Whether SQLite gave up because another connection has locked the file. Then trying again makes sense. */
export function isLock(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown }
  // Extended codes keep the primary one in their low byte.
  return typeof errcode === 'number' && [BUSY, LOCKED].includes(errcode & 0xFF)
}
