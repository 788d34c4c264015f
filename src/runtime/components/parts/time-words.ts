import { onMounted, onScopeDispose, shallowRef } from 'vue'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** How often the words are written anew, in milliseconds. */
const REFRESH_MS = 30 * SECOND

/**
 * Gives a function that writes a time in epoch milliseconds as "now", "5 minutes ago" or "2 days ago", in the language of `locale` (BCP 47). The words
 * change as time goes on. 0 is an empty text.
 */
export function useTimeWords(locale: () => string): (ms: number) => string {
  const now = shallowRef(Date.now())
  let timer: ReturnType<typeof setInterval> | undefined
  // The server has no use for a timer.
  onMounted(() => { timer = setInterval(() => { now.value = Date.now() }, REFRESH_MS) })
  onScopeDispose(() => clearInterval(timer))
  // What has happened since the last tick is not in the future.
  return ms => ms ? timeWords(ms, Math.max(now.value, ms), locale()) : ''
}

/** See `useTimeWords`. */
export function timeWords(ms: number, now: number, locale: string): string {
  const age = now - ms
  const write = (count: number, unit: Intl.RelativeTimeFormatUnit) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-count, unit)
  if (age < MINUTE) return write(0, 'second')
  if (age < HOUR) return write(Math.floor(age / MINUTE), 'minute')
  if (age < DAY) return write(Math.floor(age / HOUR), 'hour')
  return write(Math.floor(age / DAY), 'day')
}
