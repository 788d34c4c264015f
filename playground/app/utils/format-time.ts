const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** Formats epoch milliseconds for people: `now`, `5 min`, `14:03`, `3 Mar`. An unknown time gives an empty text. */
export function formatTime(ms: number | undefined, now = Date.now()): string {
  // A row that the store has refused may hold any value.
  if (!Number.isFinite(ms)) return ''
  const date = new Date(ms!)
  const age = now - ms!
  if (age < MINUTE) return 'now'
  if (age < 60 * MINUTE) return `${Math.floor(age / MINUTE)} min`
  if (age < DAY) return date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return date.toLocaleDateString([], { day: 'numeric', month: 'short' })
}
