import { SyncError, type WireErrorCode } from 'or3-sync/client'
import type { FaultRates } from './fault-rates'
import type { SeededRandom } from './seeded-random'
import type { VirtualTime } from './virtual-time'

/** A request without an answer fails after this time, as in the gateway provider. */
const REQUEST_TIMEOUT_MS = 30_000

/** A temporary refusal: by a store that cannot serve at the moment, or by a proxy. */
export interface Refusal { code: WireErrorCode, status: number, retryAfter?: number }

export interface NetworkCounts { requests: number, dropped: number, lostReplies: number, duplicated: number, delayed: number, reordered: number, refused: number, disconnected: number }

/** The network between the devices and the store. It decides how long a message takes and whether it arrives. */
export class SimNetwork {
  readonly counts: NetworkCounts = { requests: 0, dropped: 0, lostReplies: 0, duplicated: 0, delayed: 0, reordered: 0, refused: 0, disconnected: 0 }
  /** While set, the store, or a proxy in its place, refuses every request. */
  refusal: Refusal | null = null
  /** While set, a firewall on the way refuses bodies that contain `text`, with its own answer. */
  firewall: { text: string, refusal: Refusal } | null = null
  #calm = false

  constructor(private readonly options: { time: VirtualTime, random: SeededRandom, faults: FaultRates, log: (line: string) => void }) {}

  get random(): SeededRandom {
    return this.options.random
  }

  /** Whether the faults are over. */
  get isCalm(): boolean {
    return this.#calm
  }

  /** From now on every message arrives, once and in order. */
  calmDown(): void {
    this.#calm = true
    this.refusal = this.firewall = null
  }

  /** Whether a fault of this kind happens to the next message. */
  strikes(kind: 'drop' | 'lostReply' | 'duplicate' | 'delay' | 'reorder' | 'disconnect' | 'oddTime'): boolean {
    return !this.#calm && this.options.random.chance(this.options.faults[kind])
  }

  /** How many milliseconds the next message takes. */
  latency(): number {
    const { random } = this.options
    if (!this.strikes('delay')) return random.between(2, 60)
    this.counts.delayed++
    return random.between(500, 20_000)
  }

  /** After how many milliseconds a lost request fails. Mostly a broken connection is noticed before the timeout. */
  failure(): number {
    return this.options.random.chance(0.7) ? this.latency() : REQUEST_TIMEOUT_MS
  }

  /** @throws SyncError while the store, a proxy or the firewall refuses the request. */
  admit(what: string, body = ''): void {
    const refusal = this.refusal ?? (this.firewall && body.includes(this.firewall.text) ? this.firewall.refusal : null)
    if (!refusal) return
    const { code, status, retryAfter } = refusal
    this.counts.refused++
    this.options.log(`${what} refused with ${status}`)
    throw new SyncError(code, `the answer was ${status}`, { status, retryAfter, retryable: true })
  }
}
