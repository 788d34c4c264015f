const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** Epoch milliseconds as people say it: `now`, `5 min`, `14:03`, `3 Mar`. Nothing for an unknown time. */
export function formatTime(ms: number | undefined, now = Date.now()): string {
  // A refused row may hold anything.
  if (!Number.isFinite(ms)) return ''
  const date = new Date(ms!)
  const age = now - ms!
  if (age < MINUTE) return 'now'
  if (age < 60 * MINUTE) return `${Math.floor(age / MINUTE)} min`
  if (age < DAY) return date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return date.toLocaleDateString([], { day: 'numeric', month: 'short' })
}
