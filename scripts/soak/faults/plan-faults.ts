import { SeededRandom } from '../../../src/testing/simulation/seeded-random.ts'

export const SERVER_FAULTS = ['kill', 'freeze', 'cut-all'] as const
export const DEVICE_FAULTS = ['cut', 'stall', 'offline', 'clock', 'far-clock', 'reopen'] as const
export type FaultKind = typeof SERVER_FAULTS[number] | typeof DEVICE_FAULTS[number]

/** One fault, and when it begins and ends, in seconds from the beginning of the run. */
export interface PlannedFault {
  kind: FaultKind
  from: number
  to: number
  /** The number of the device; of the server's faults null. */
  device: number | null
  /** Of clocks: how far ahead the device's clock is set, in milliseconds. 0 otherwise. */
  offset: number
}

/** A fault begins this often, in seconds, on average; more often in a run that would be over before each kind has happened twice. */
const PAUSE = 2.5
const KINDS = [...SERVER_FAULTS, ...DEVICE_FAULTS]
/** How long each kind lasts, in seconds. A clock stays as it is set until it is set again. */
const LASTS: Record<FaultKind, [least: number, most: number]> = {
  'kill': [0.2, 4], 'freeze': [0.5, 8], 'cut-all': [0, 0], 'cut': [0, 0], 'stall': [1, 12], 'offline': [1, 30], 'clock': [0, 0], 'far-clock': [0, 0], 'reopen': [0, 0],
}
const MINUTE = 60_000

/** What goes wrong in a run of this length. The same seed gives the same plan. Faults of one device, and those of the server, do not overlap. */
export function planFaults(seed: number, seconds: number, devices: number): PlannedFault[] {
  const random = SeededRandom.of(seed, 0)
  const plan: PlannedFault[] = []
  /** Until when the server (null) or a device has a fault. */
  const busy = new Map<number | null, number>()
  const meanPause = Math.min(PAUSE, seconds / KINDS.length / 2)
  let deck: FaultKind[] = []
  for (let at = 0.5; at < seconds; at += random.next() * 2 * meanPause) {
    // A deck of all kinds, so that even a short run has each of them.
    if (!deck.length) deck = shuffled([...KINDS], random)
    const kind = deck.pop()!
    const device = (SERVER_FAULTS as readonly string[]).includes(kind) ? null : random.between(0, devices - 1)
    const from = Math.max(at, busy.get(device) ?? 0)
    const [least, most] = LASTS[kind]
    // A short run has short faults, so that something happens between them.
    const to = from + least + random.next() * (Math.min(most, seconds / 6) - least)
    plan.push({ kind, device, from, to: Math.max(from, to), offset: offsetOf(kind, random) })
    busy.set(device, to + 0.5)
  }
  return plan.filter(({ from }) => from < seconds).sort((a, b) => a.from - b.from)
}

/** Up to 4 minutes, which the store accepts; or far ahead or behind, so that the store refuses the stamps. */
function offsetOf(kind: FaultKind, random: SeededRandom): number {
  if (kind === 'clock') return random.between(-4 * MINUTE, 4 * MINUTE)
  if (kind === 'far-clock') return random.between(6 * MINUTE, 60 * MINUTE) * (random.chance(0.5) ? 1 : -1)
  return 0
}

function shuffled<T>(list: T[], random: SeededRandom): T[] {
  for (let index = list.length - 1; index > 0; index--) {
    const other = random.between(0, index)
    ;[list[index], list[other]] = [list[other]!, list[index]!]
  }
  return list
}
