/** A point in time, for people: the time of day, with the date if it is not today. */
export function timeWords(at: number): string {
  const date = new Date(at)
  const time = date.toLocaleTimeString('en-GB')
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString('en-CA')} ${time}`
}

/** How long, for people: `3 s`, `2 min`. */
export function durationWords(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain'

const TONES: Record<string, Tone> = {
  idle: 'good', synced: 'good', syncing: 'good', sending: 'good',
  pending: 'warn', held: 'warn', aside: 'warn', offline: 'warn', connecting: 'warn', bootstrapping: 'warn', waiting: 'warn', expired: 'warn',
  failed: 'bad', error: 'bad', stuck: 'bad',
}

/** How good a state is, for its colour. The colour never stands alone. */
export function toneOf(state: string): Tone {
  return TONES[state] ?? 'plain'
}
