/**
 * Hybrid logical clock (Kulkarni et al., 2014): wall time that never goes back, so an edit made after another was received has a higher HLC.
 * It is text of fixed width, so that comparing the texts compares the times.
 */

const MS_DIGITS = 9
const COUNTER_DIGITS = 4
const MAX_COUNTER = 36 ** COUNTER_DIGITS - 1
const MAX_MS = 36 ** MS_DIGITS - 1
const HLC_PATTERN = /^([0-9a-z]{9}):([0-9a-z]{4}):([0-9a-z]{8,16})$/

/** A stamp that is further ahead of our time than this, in milliseconds, comes from a wrong clock. */
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

/** The node in an HLC. An empty text if it is no HLC. */
export function hlcNode(hlc: string): string {
  return hlc.slice(MS_DIGITS + COUNTER_DIGITS + 2)
}

/** The HLC of a row that an upgrade of the app's schema has created. It is below the HLC of every edit. */
export const UPGRADED_HLC = '000000000:0000:upgraded'

/** A node id: 12 characters, so that two tabs never share one. `random` returns [0, 1). */
export function createNodeId(random: () => number): string {
  let id = ''
  while (id.length < 12) id += Math.floor(random() * 36).toString(36)
  return id
}

export interface HybridClock {
  /** The HLC for a new edit: above everything issued or received before. */
  next(): string
  /** Takes note of an HLC from another device, so that later ones are above it. */
  receive(hlc: string): void
  /** Continues above a stored HLC of our own, even if the device's clock was set back since. */
  restore(hlc: string): void
  /** The highest HLC so far, to be stored. Null before the first. */
  last(): string | null
  /** Corrects wall time by this many milliseconds (server time minus ours). */
  setOffset(ms: number): void
  /** Starts again from the corrected wall time, even below earlier HLCs. Only for edits that get a new stamp after `CLOCK_SKEW`. */
  reset(): void
  /** The current node. */
  node(): string
  /** Continues with another node. */
  renew(node: string): void
}

export function createHybridClock(options: { now: () => number, node: string }): HybridClock {
  let ms = 0
  let counter = 0
  let offset = 0
  let offsetKnown = false
  let node = options.node
  // Whole milliseconds that fit nine digits: `now` may give fractions, or a time that is far off.
  const wall = () => Math.min(Math.max(Math.floor(options.now() + offset), 0), MAX_MS)

  /** When the counter is full, the clock goes to the next millisecond. It would otherwise issue the same HLC twice. */
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
      // An HLC far ahead of the store's time is ignored: it would keep ours ahead for ever. Before the store's time is known, it is
      // accepted, because our own clock may be the wrong one.
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
