import { parseHlc } from '../../../shared/sync/protocol/hlc'
import { NOTICE_DEDUPE_MS, NOTICE_MAX_AGE_MS } from '../../../shared/sync/protocol/limits'
import type { SyncLogger } from '../environment/environment'

/** At most this many notices within a dedupe window (15 s). */
const BURST = 5

/**
 * Decides which events deserve a notice. None do during a bootstrap or rescan, or when they happened more than 24 h ago. The same notice is
 * shown at most every 15 s, and never more than five at once.
 */
export class NoticeRules {
  readonly #lastShown = new Map<string, number>()
  #recent: number[] = []
  #catchingUp = false

  /** `now`: epoch milliseconds by the store's clock, as HLCs are. */
  constructor(private readonly options: { now: () => number, log: Pick<SyncLogger, 'debug'> }) {}

  /** A bootstrap or rescan began. */
  pause(): void {
    this.#catchingUp = true
  }

  /** It is over, has failed, or was stopped. */
  resume(): void {
    this.#catchingUp = false
  }

  /** Whether the event `key` deserves a notice now; `hlc` is its own time, where it has one. */
  allows(key: string, hlc?: string): boolean {
    const now = this.options.now()
    if (this.#catchingUp) return false
    const happened = hlc === undefined ? undefined : parseHlc(hlc)?.ms
    if (happened !== undefined && now - happened > NOTICE_MAX_AGE_MS) {
      this.options.log.debug('[notify] Skipping historical conflict notification', key)
      return false
    }
    const last = this.#lastShown.get(key)
    if (last !== undefined && isRecent(last, now)) return false
    this.#recent = this.#recent.filter(at => isRecent(at, now))
    if (this.#recent.length >= BURST) return false
    this.#recent.push(now)
    this.#lastShown.set(key, now)
    for (const [known, at] of this.#lastShown) if (!isRecent(at, now)) this.#lastShown.delete(known)
    return true
  }
}

/** Whether `at` is within the dedupe window. A time in the future is not: the clock was set back since. */
function isRecent(at: number, now: number): boolean {
  return Math.abs(now - at) < NOTICE_DEDUPE_MS
}
