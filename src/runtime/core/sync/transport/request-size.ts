export interface RequestSizeOptions {
  /** As much as a request ever holds. */
  max: number
}

/** So many full requests pass before twice as much is tried; twice as many after each try that failed. */
const FIRST_PATIENCE = 2
const MAX_PATIENCE = 256

/**
 * How much a request may hold (ops of a push, rows of a page) on a link too slow for a full one within its time. It is halved with each
 * request that got no answer in time, down to 1, and grows again while full requests pass.
 */
export class RequestSize {
  #bound: number
  #passed = 0
  #patience = FIRST_PATIENCE
  /** The bound is larger than what has passed. */
  #isTrial = false

  constructor(private readonly options: RequestSizeOptions) {
    this.#bound = options.max
  }

  get max(): number {
    return this.#bound
  }

  timedOut(size: number): void {
    this.#bound = Math.max(1, Math.floor(Math.min(size, this.#bound) / 2))
    this.#patience = this.#isTrial ? Math.min(this.#patience * 2, MAX_PATIENCE) : FIRST_PATIENCE
    this.#isTrial = false
    this.#passed = 0
  }

  /** `isFull`: there was more than the request could hold. Of one that was not full nothing can be learnt. */
  passed(size: number, isFull: boolean): void {
    const { max } = this.options
    if (this.#bound === max || !isFull || size < this.#bound) return
    // A larger one passes: the link has got better.
    if (this.#isTrial) this.#patience = FIRST_PATIENCE
    this.#isTrial = false
    if (++this.#passed < this.#patience) return
    this.#passed = 0
    this.#bound = Math.min(max, this.#bound * 2)
    this.#isTrial = true
  }
}
