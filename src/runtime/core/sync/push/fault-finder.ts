import type { SyncError } from '../../../shared/sync/protocol/errors'
import { isTimeout } from '../transport/is-timeout'
import type { RequestSize } from '../transport/request-size'
import type { BatchSize } from './batch-size'
import { judgeBatchFailure } from '../transport/retry-policy'

/** After so many strange answers without a success in between, the batch itself is suspected. */
const SUSPICIOUS = 3

/**
 * - `again`: at once, with a smaller batch.
 * - `refuse`: all of it goes to the dead letter.
 * - `aside`: its only op waits aside.
 * - `wait`: all of it is tried again later. `isOutage`: it is known not to be about the batch.
 */
export type Finding = { kind: 'again' | 'refuse' | 'aside' } | { kind: 'wait', isOutage: boolean }

export interface FaultFinderOptions {
  size: BatchSize
  /** What the link carries in time. */
  link: RequestSize
  /** Whether the store answers at all: an empty push goes through. */
  storeAnswers: () => Promise<boolean>
}

/**
 * Finds out what is wrong when a batch fails as a whole: its size, an op in it, the link, or nothing. Somebody on the way who refuses a batch three
 * times, and lets an empty push through, has something against an op in it. So has a store that fails as often.
 */
export class FaultFinder {
  #strange = 0
  /** Times in a row that a single op was not answered in time. */
  #late = 0

  constructor(private readonly options: FaultFinderOptions) {}

  /** `isFull`: more was waiting than the batch could hold. */
  passed(ops: number, isFull: boolean): void {
    this.#strange = 0
    this.#late = 0
    this.options.size.passed(ops, isFull)
    this.options.link.passed(ops, isFull)
  }

  async judge(ops: number, error: SyncError): Promise<Finding> {
    const { size } = this.options
    if (isTimeout(error)) return await this.#tooSlow(ops)
    switch (judgeBatchFailure(error)) {
      case 'refused':
        return { kind: 'refuse' }
      case 'too-large':
        if (ops > 1) size.tooLarge(ops)
        return ops > 1 ? { kind: 'again' } : await this.#single(error)
      case 'invalid':
        return ops > 1 ? this.#search(ops) : await this.#single(error)
      case 'strange':
        return await this.#suspect(ops, error)
      case 'broken':
        return await this.#suspectBroken(ops, error)
      default:
        return { kind: 'wait', isOutage: true }
    }
  }

  /** The same of an op that was sent alone, because it was refused alone before. */
  async judgeAlone(error: SyncError): Promise<Finding> {
    if (isTimeout(error)) return await this.#asideIfAnswered()
    const verdict = judgeBatchFailure(error)
    if (verdict === 'wait') return { kind: 'wait', isOutage: true }
    if (verdict === 'broken') return await this.#asideIfAnswered()
    return { kind: verdict === 'strange' || (verdict === 'too-large' && error.retryable) ? 'aside' : 'refuse' }
  }

  /** A smaller batch is answered sooner. A single op that never is waits aside, if others get through. */
  async #tooSlow(ops: number): Promise<Finding> {
    this.options.link.tooMuch(ops)
    if (ops > 1 || ++this.#late < SUSPICIOUS) return { kind: 'wait', isOutage: false }
    this.#late = 0
    return await this.#asideIfAnswered()
  }

  async #asideIfAnswered(): Promise<Finding> {
    return await this.options.storeAnswers() ? { kind: 'aside' } : { kind: 'wait', isOutage: true }
  }

  async #suspect(ops: number, error: SyncError): Promise<Finding> {
    const { size, storeAnswers } = this.options
    if (size.isSearching) return ops > 1 ? this.#search(ops) : await this.#single(error)
    if (++this.#strange < SUSPICIOUS) return { kind: 'wait', isOutage: false }
    this.#strange = 0
    if (ops === 1) return await this.#single(error)
    return await storeAnswers() ? this.#search(ops) : { kind: 'wait', isOutage: true }
  }

  /** The same of a store that fails. Each time it is asked whether it answers anybody: an outage may begin while an op is being looked for. */
  async #suspectBroken(ops: number, error: SyncError): Promise<Finding> {
    const { size, storeAnswers } = this.options
    if (!size.isSearching && ++this.#strange < SUSPICIOUS) return { kind: 'wait', isOutage: true }
    this.#strange = 0
    if (ops === 1) return await this.#single(error)
    if (await storeAnswers()) return this.#search(ops)
    size.forget()
    return { kind: 'wait', isOutage: true }
  }

  #search(ops: number): Finding {
    this.options.size.suspect(ops)
    return { kind: 'again' }
  }

  /** One op is refused alone: by the store for good, or by somebody on the way, if that lets others through. */
  async #single(error: SyncError): Promise<Finding> {
    const { size, storeAnswers } = this.options
    if (error.retryable && !await storeAnswers()) {
      size.forget()
      return { kind: 'wait', isOutage: true }
    }
    size.found()
    return { kind: error.retryable ? 'aside' : 'refuse' }
  }
}
