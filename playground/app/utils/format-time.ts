const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * Formats epoch milliseconds for people: `now`, `5 min`, `3 h`, `6 d`, and `3 Mar` after a week. An unknown time gives an empty text. The words do
 * not depend on a time zone, so the server and the browser write the same.
 */
export function formatTime(ms: number | undefined, now = Date.now()): string {
  // A row that the store has refused may hold any value.
  if (!Number.isFinite(ms)) return ''
  const age = now - ms!
  if (age < MINUTE) return 'now'
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`
  if (age < DAY) return `${Math.floor(age / HOUR)} h`
  if (age < 7 * DAY) return `${Math.floor(age / DAY)} d`
  return new Date(ms!).toLocaleDateString('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })
}
