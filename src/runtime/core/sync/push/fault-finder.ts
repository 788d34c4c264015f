import type { WireError } from '../../../shared/sync/protocol/errors'
import { judgeBatchFailure } from '../../../shared/sync/protocol/retry-policy'
import { isTimeout } from '../transport/is-timeout'
import type { RequestSize } from '../transport/request-size'
import type { BatchSize } from './batch-size'

/** A group that was not answered in time so often in a row is sent in parts. */
const TOO_SLOW = 2

/** After so many unexplained failures without a success in between, the batch itself is suspected. */
const SUSPICIOUS = 3

/**
 * - `again`: send a smaller batch at once.
 * - `cut`: the batch is one group, and is sent in parts: at once, or with `isSlow` after a pause.
 * - `refuse`: the whole batch goes to the dead letter.
 * - `aside`: its only op waits aside.
 * - `wait`: the whole batch is tried again later. `isOutage`: the failure has nothing to do with the batch.
 */
export type Finding = { kind: 'again' | 'refuse' | 'aside' } | { kind: 'cut', isSlow: boolean } | { kind: 'wait', isOutage: boolean }

/** A batch that failed. */
export interface FailedBatch {
  /** How many ops it has. */
  ops: number
  /** See `CollectedBatch.isOneGroup`. */
  isOneGroup: boolean
}

export interface FaultFinderOptions {
  size: BatchSize
  /** How many ops the connection can carry before a request times out. */
  link: RequestSize
  /** Whether the store answers at all: sends an empty push. */
  storeAnswers: () => Promise<boolean>
}

/**
 * Finds out why a batch failed as a whole: its size, one of its ops, a slow connection, or an outage.
 *
 * A proxy that refuses a batch three times but lets an empty push through must object to one of the ops. The same goes for a store that fails
 * three times. Smaller and smaller batches then find the op: first with fewer groups, then with a part of the one that is refused.
 */
export class FaultFinder {
  /** Failures in a row that may be due to one of the ops. */
  #strange = 0
  /** How often in a row a single op was not answered in time. */
  #late = 0

  constructor(private readonly options: FaultFinderOptions) {}

  /** A batch of `ops` ops went through. `isFull`: more was waiting than the batch could hold. */
  passed(ops: number, isFull: boolean): void {
    this.#strange = 0
    this.#late = 0
    this.options.size.passed(ops, isFull)
    this.options.link.passed(ops, isFull)
  }

  async judge(batch: FailedBatch, error: WireError): Promise<Finding> {
    const { size } = this.options
    const { ops } = batch
    if (isTimeout(error)) return await this.#tooSlow(batch)
    switch (judgeBatchFailure(error)) {
      case 'refused':
        return { kind: 'refuse' }
      case 'too-large':
        if (ops > 1) size.tooLarge(ops)
        return ops > 1 ? smaller(batch) : await this.#single(error)
      case 'invalid':
        return ops > 1 ? this.#search(batch) : await this.#single(error)
      case 'strange':
        return await this.#suspect(batch, error)
      case 'broken':
        return await this.#suspectBroken(batch, error)
      default:
        return { kind: 'wait', isOutage: true }
    }
  }

  /** Like `judge`, for an op that waited aside, and so was sent alone. */
  async judgeAlone(error: WireError): Promise<Finding> {
    if (isTimeout(error)) return await this.#asideIfAnswered()
    const verdict = judgeBatchFailure(error)
    if (verdict === 'wait') return { kind: 'wait', isOutage: true }
    if (verdict === 'broken') return await this.#asideIfAnswered()
    return { kind: verdict === 'strange' || (verdict === 'too-large' && error.retryable) ? 'aside' : 'refuse' }
  }

  /** No answer came in time: the next batch is smaller. A group that is late twice is sent in parts. A single op that is late three times waits aside, if the store answers other requests. */
  async #tooSlow({ ops, isOneGroup }: FailedBatch): Promise<Finding> {
    this.options.link.tooMuch(ops)
    if ((ops > 1 && !isOneGroup) || ++this.#late < (ops > 1 ? TOO_SLOW : SUSPICIOUS)) return { kind: 'wait', isOutage: false }
    this.#late = 0
    if (ops > 1) return { kind: 'cut', isSlow: true }
    return await this.#asideIfAnswered()
  }

  async #asideIfAnswered(): Promise<Finding> {
    return await this.options.storeAnswers() ? { kind: 'aside' } : { kind: 'wait', isOutage: true }
  }

  async #suspect(batch: FailedBatch, error: WireError): Promise<Finding> {
    const { size, storeAnswers } = this.options
    if (size.isSearching) return batch.ops > 1 ? this.#search(batch) : await this.#single(error)
    if (++this.#strange < SUSPICIOUS) return { kind: 'wait', isOutage: false }
    this.#strange = 0
    if (batch.ops === 1) return await this.#single(error)
    return await storeAnswers() ? this.#search(batch) : { kind: 'wait', isOutage: true }
  }

  /** Like `#suspect`, for a store that fails. It is asked each time whether it answers at all, because an outage may begin during the search. */
  async #suspectBroken(batch: FailedBatch, error: WireError): Promise<Finding> {
    const { size, storeAnswers } = this.options
    if (!size.isSearching && ++this.#strange < SUSPICIOUS) return { kind: 'wait', isOutage: true }
    this.#strange = 0
    if (batch.ops === 1) return await this.#single(error)
    if (await storeAnswers()) return this.#search(batch)
    size.forget()
    return { kind: 'wait', isOutage: true }
  }

  #search(batch: FailedBatch): Finding {
    this.options.size.suspect(batch.ops)
    return smaller(batch)
  }

  /**
   * A single op was refused. If the store refused it, this is final. If something on the way did (`retryable`), the op waits aside, provided
   * that an empty push goes through.
   */
  async #single(error: WireError): Promise<Finding> {
    const { size, storeAnswers } = this.options
    if (error.retryable && !await storeAnswers()) {
      size.forget()
      return { kind: 'wait', isOutage: true }
    }
    size.found()
    return { kind: error.retryable ? 'aside' : 'refuse' }
  }
}

/** Sends less at a time: fewer groups, or the only group in parts. */
function smaller({ isOneGroup }: FailedBatch): Finding {
  return isOneGroup ? { kind: 'cut', isSlow: false } : { kind: 'again' }
}
