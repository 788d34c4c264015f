export interface RequestSizeOptions {
  /** The most that a request may ever hold. */
  max: number
  /** The factor by which the bound grows. */
  growth: number
  /** How many full requests must pass before a larger one is tried. It doubles after each try that failed, up to `most`. */
  patience: { first: number, most: number }
  /** The cause of the bound may come and go. Then patience is reset when a larger request passes, or when one that used to pass does not. */
  mayChange: boolean
}

/** For a link that is too slow for a full request within the time limit. It may get better at any moment. */
export const LINK_SIZE: Omit<RequestSizeOptions, 'max'> = { growth: 2, patience: { first: 2, most: 256 }, mayChange: true }
/** For a size limit of the store, or of something on the way. The limit stays, so few requests should be spent on trying larger ones. */
export const STORE_SIZE: Omit<RequestSizeOptions, 'max'> = { growth: 1.125, patience: { first: 16, most: 4_096 }, mayChange: false }

/**
 * Finds how much a request may hold: ops of a push, or rows of a page. The bound is halved when a request was too much, down to 1. It grows again
 * while full requests pass. If a larger try fails, the bound goes back to the size that passed before.
 */
export class RequestSize {
  #bound: number
  /** Size of the last full request that passed. */
  #passed = 0
  /** Full requests since the bound was set. */
  #full = 0
  #patience: number

  constructor(private readonly options: RequestSizeOptions) {
    this.#bound = options.max
    this.#patience = options.patience.first
  }

  get max(): number {
    return this.#bound
  }

  /** A request of this size was too much. */
  tooMuch(size: number): void {
    const { patience: { first, most }, mayChange } = this.options
    const half = Math.max(1, Math.floor(Math.min(size, this.#bound) / 2))
    const isTrial = this.#passed >= half && this.#passed < size
    this.#bound = isTrial ? this.#passed : half
    if (isTrial) this.#patience = Math.min(this.#patience * 2, most)
    else if (mayChange) this.#patience = first
    this.#full = 0
  }

  /** A request of this size passed. `isFull`: there was more to send than it could hold. Nothing can be learnt from one that was not full. */
  passed(size: number, isFull: boolean): void {
    const { max, growth, patience, mayChange } = this.options
    if (!isFull || size < this.#bound) return
    // A link that passes the full size only now and then must not lose its patience, or every other request would run out of time.
    if (mayChange && this.#bound === max) return
    if (mayChange && size > this.#passed) this.#patience = patience.first
    this.#passed = size
    if (this.#bound === max || ++this.#full < this.#patience) return
    this.#full = 0
    this.#bound = Math.min(max, Math.ceil(this.#bound * growth))
  }

  /** The failure was not about size after all: the next request may have the full size. */
  widen(): void {
    this.#bound = this.options.max
  }

  /** Forgets all that was learnt from requests. */
  forget(): void {
    this.widen()
    this.#passed = this.#full = 0
  }
}
