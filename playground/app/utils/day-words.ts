const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a format is slow, so each is made once. */
function formatOf(timeZone: string, kind: 'day' | 'date' | 'time'): Intl.DateTimeFormat {
  const key = `${kind} ${timeZone}`
  const known = formats.get(key)
  if (known) return known
  const options = {
    day: { year: 'numeric', month: '2-digit', day: '2-digit' },
    date: { weekday: 'long', day: 'numeric', month: 'long' },
    time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  } as const
  const format = new Intl.DateTimeFormat('en-GB', { ...options[kind], timeZone })
  formats.set(key, format)
  return format
}

/** The day of a time, as a key that is the same for all times of a day. Without a valid time: an empty text. */
export function dayKey(ms: number | undefined, timeZone: string): string {
  return Number.isFinite(ms) ? formatOf(timeZone, 'day').format(ms) : ''
}

/** The day in words: `Today`, `Yesterday`, `Tuesday 3 March`, and with the year if it is another one. */
export function dayWords(ms: number, timeZone: string, now: number): string {
  const key = dayKey(ms, timeZone)
  if (key === dayKey(now, timeZone)) return 'Today'
  if (key === dayKey(now - 24 * 60 * 60_000, timeZone)) return 'Yesterday'
  const year = key.slice(-4)
  const words = formatOf(timeZone, 'date').format(ms).replace(',', '')
  return year === dayKey(now, timeZone).slice(-4) ? words : `${words} ${year}`
}

/** The time of day, `14:05`. Without a valid time: an empty text. */
export function timeOfDay(ms: number | undefined, timeZone: string): string {
  // A row that the store has refused may hold any value.
  return Number.isFinite(ms) ? formatOf(timeZone, 'time').format(ms) : ''
}

/** Whether this is the name of a time zone. A cookie may hold anything. */
export function isTimeZone(name: unknown): name is string {
  try { return typeof name === 'string' && name !== '' && Boolean(new Intl.DateTimeFormat('en', { timeZone: name })) }
  catch { return false }
}
