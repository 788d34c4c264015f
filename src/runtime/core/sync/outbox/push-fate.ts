import { SyncError } from '../../../shared/sync/errors'
import type { SyncEnvironment } from '../environment'
import type { CollectedOp } from './collect-batch'
import { retryDelay } from './retry-policy'

/** A page waits for this many more pushes to tell the fate of ours before it is given back. */
const SETTLE_TRIES = 4
/** After this many pages given back in a row they are applied as they are. */
const SETTLE_ROUNDS = 10

export interface PushFateOptions {
  env: Pick<SyncEnvironment, 'clock' | 'random' | 'locks'>
  isRunning: () => boolean
  /** Resolves when the push under way, if any, has its answer or has failed. */
  pushesDone: () => Promise<void>
  flush: () => Promise<void>
}

/**
 * Knows of which records a push may be with the store although nobody has said so. A remote change of such a record has to
 * wait: until our push is answered nobody can say whether the change knew our edit, or what our edit replaced.
 */
export class PushFate {
  readonly #inFlight = new Set<string>()
  readonly #uncertain = new Set<string>()
  /** An earlier session may have pushed anything that is in the outbox: true until the first push is answered. */
  #unsure = true
  #unsettled = 0
  /** Resolves when the push under way has its answer, or has failed. */
  #landing: Promise<void> = Promise.resolve()
  #land = () => {}
  #endPause: (() => void) | null = null

  constructor(private readonly options: PushFateOptions) {}

  begin(): void {
    this.#unsure = true
  }

  stop(): void {
    this.#endPause?.()
  }

  sent(ops: readonly CollectedOp[]): void {
    for (const { key } of ops) this.#inFlight.add(key)
    this.#landing = new Promise((resolve) => { this.#land = resolve })
  }

  answered(ops: readonly CollectedOp[]): void {
    this.#inFlight.clear()
    for (const { key } of ops) this.#uncertain.delete(key)
    this.#unsure = false
    this.#unsettled = 0
    this.#land()
  }

  /** Nobody knows whether they arrived. */
  lost(ops: readonly CollectedOp[]): void {
    this.#inFlight.clear()
    for (const { key } of ops) this.#uncertain.add(key)
    this.#land()
  }

  /** Resolves when the push under way, if any, is answered and settled, or has failed. */
  async landed(): Promise<void> {
    await this.#landing
  }

  /** The outbox is empty: there is nothing left to be in doubt about. */
  nothingLeft(): void {
    this.#unsure = false
    this.#uncertain.clear()
  }

  /**
   * Waits until the fate of pushes that touch these records is known. A store that goes on giving pages and answering no push
   * is not waited for for ever.
   *
   * @throws SyncError when there is no answer now: the page is to be fetched again later.
   */
  async settled(keys: readonly string[]): Promise<void> {
    const { isRunning, pushesDone, flush, env } = this.options
    // Without Web Locks other tabs push as well, and whatever waits may be on its way from there.
    if (!env.locks) this.#unsure = true
    const isOpen = () => this.#unsure || keys.some(key => this.#inFlight.has(key) || this.#uncertain.has(key))
    if (!isOpen()) return
    await pushesDone()
    for (let attempt = 0; isRunning() && isOpen() && attempt < SETTLE_TRIES; attempt++) {
      if (attempt > 0) await this.#pause(retryDelay(attempt, env.random))
      await flush()
    }
    if (!isOpen()) return
    if (!isRunning()) throw new SyncError('UNKNOWN', 'sync was stopped')
    if (++this.#unsettled < SETTLE_ROUNDS) throw new SyncError('NETWORK_ERROR', 'our own edits of these records are not answered yet')
  }

  async #pause(ms: number): Promise<void> {
    const { clock } = this.options.env
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, ms)
      this.#endPause = () => {
        clock.clearTimeout(timer)
        resolve()
      }
    })
    this.#endPause = null
  }
}
