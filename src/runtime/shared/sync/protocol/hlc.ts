/**
 * Hybrid logical clock (Kulkarni et al., 2014): wall time that never goes back and orders cause before effect.
 * Written in fixed width, so that text order is time order.
 */

const MS_DIGITS = 9
const COUNTER_DIGITS = 4
const MAX_COUNTER = 36 ** COUNTER_DIGITS - 1
const MAX_MS = 36 ** MS_DIGITS - 1
const HLC_PATTERN = /^([0-9a-z]{9}):([0-9a-z]{4}):([0-9a-z]{8,16})$/

/** How far ahead of our own time a stamp may lie before it counts as a wrong clock, in milliseconds. */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000

export interface HlcParts {
  /** Epoch milliseconds. */
  ms: number
  counter: number
  node: string
}

export function formatHlc({ ms, counter, node }: HlcParts): string {
  return `${ms.toString(36).padStart(MS_DIGITS, '0')}:${counter.toString(36).padStart(COUNTER_DIGITS, '0')}:${node}`
}

/** @returns null when the text is no HLC. */
export function parseHlc(text: string): HlcParts | null {
  const match = HLC_PATTERN.exec(text)
  if (!match) return null
  return { ms: Number.parseInt(match[1]!, 36), counter: Number.parseInt(match[2]!, 36), node: match[3]! }
}

export function isHlc(text: unknown): text is string {
  return typeof text === 'string' && HLC_PATTERN.test(text)
}

export function isHlcNode(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-z]{8,16}$/.test(text)
}

/** The node that issued a stamp; an empty text for what is no HLC. */
export function hlcNode(hlc: string): string {
  return hlc.slice(MS_DIGITS + COUNTER_DIGITS + 2)
}

/** The stamp of a row that an upgrade of the app's schema has made: below every edit there ever was. */
export const UPGRADED_HLC = '000000000:0000:upgraded'

/** A node id: 12 characters, so that two tabs never share one. `random` returns [0, 1). */
export function createNodeId(random: () => number): string {
  let id = ''
  while (id.length < 12) id += Math.floor(random() * 36).toString(36)
  return id
}

export interface HybridClock {
  /** The stamp of a new local event: above everything issued or received before. */
  next(): string
  /** Takes note of a stamp from elsewhere. */
  receive(hlc: string): void
  /** Goes on from a stamp of our own that was stored: never below it, whatever the wall says now. */
  restore(hlc: string): void
  /** The highest stamp so far, to be persisted; null before the first. */
  last(): string | null
  /** Corrects wall time by this many milliseconds (server time minus ours). */
  setOffset(ms: number): void
  /** Starts again from corrected wall time. Only a re-stamp after CLOCK_SKEW may do this. */
  reset(): void
  /** The node that issues stamps now. */
  node(): string
  /** Goes on under another node. */
  renew(node: string): void
}

export function createHybridClock(options: { now: () => number, node: string }): HybridClock {
  let ms = 0
  let counter = 0
  let offset = 0
  let offsetKnown = false
  let node = options.node
  // Whole milliseconds that fit the nine digits: a clock may be fractional, or absurd.
  const wall = () => Math.min(Math.max(Math.floor(options.now() + offset), 0), MAX_MS)

  /** A full counter borrows the next millisecond: the clock runs ahead rather than repeat itself. */
  function advance() {
    if (counter < MAX_COUNTER) counter++
    else { ms++; counter = 0 }
  }

  function raise(to: HlcParts) {
    if (to.ms > ms) { ms = to.ms; counter = to.counter }
    else if (to.ms === ms && to.counter > counter) counter = to.counter
  }

  return {
    next() {
      const now = wall()
      if (now > ms) { ms = now; counter = 0 }
      else advance()
      return formatHlc({ ms, counter, node })
    },
    receive(hlc) {
      const remote = parseHlc(hlc)
      // A stamp far ahead of the store's time would drag ours along for ever. While that time is unknown, it may be ours that is wrong.
      if (!remote || (offsetKnown && remote.ms > wall() + MAX_CLOCK_SKEW_MS)) return
      raise(remote)
    },
    restore(hlc) {
      const own = parseHlc(hlc)
      if (own) raise(own)
    },
    last: () => ms === 0 ? null : formatHlc({ ms, counter, node }),
    setOffset(value) { offset = value; offsetKnown = true },
    reset() { ms = wall(); counter = 0 },
    node: () => node,
    renew(next) { node = next },
  }
}
