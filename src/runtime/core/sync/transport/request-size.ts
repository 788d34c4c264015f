export interface RequestSizeOptions {
  /** As much as a request ever holds. */
  max: number
  /** How many times as large the next try is. */
  growth: number
  /** So many full requests pass before a larger one is tried; twice as many after each try that failed, up to the most. */
  patience: { first: number, most: number }
  /** What sets the bound comes and goes: once a larger request passes, or one that used to pass does not, patience is what it was at first. */
  mayChange: boolean
}

/** For a link too slow for a full request within its time. It may get better at any moment. */
export const LINK_SIZE: Omit<RequestSizeOptions, 'max'> = { growth: 2, patience: { first: 2, most: 256 }, mayChange: true }
/** For what the store, or something on the way, calls too large. The bound stays, so that hardly any request is to be wasted on finding it. */
export const STORE_SIZE: Omit<RequestSizeOptions, 'max'> = { growth: 1.125, patience: { first: 16, most: 4_096 }, mayChange: false }

/**
 * How much a request may hold (ops of a push, rows of a page). It is halved with each request that was too much, down to 1, and grows again
 * while full requests pass. A try that fails leads back to what passed before it.
 */
export class RequestSize {
  #bound: number
  /** The largest full request of late. */
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

  tooMuch(size: number): void {
    const { patience: { first, most }, mayChange } = this.options
    const half = Math.max(1, Math.floor(Math.min(size, this.#bound) / 2))
    const isTrial = this.#passed >= half && this.#passed < size
    this.#bound = isTrial ? this.#passed : half
    if (isTrial) this.#patience = Math.min(this.#patience * 2, most)
    else if (mayChange) this.#patience = first
    this.#full = 0
  }

  /** `isFull`: there was more than the request could hold. Of one that was not full nothing can be learnt. */
  passed(size: number, isFull: boolean): void {
    const { max, growth, patience, mayChange } = this.options
    if (!isFull || size < this.#bound) return
    if (mayChange && size > this.#passed) this.#patience = patience.first
    this.#passed = size
    if (this.#bound === max || ++this.#full < this.#patience) return
    this.#full = 0
    this.#bound = Math.min(max, Math.ceil(this.#bound * growth))
  }

  /** What was called too much was not about the size: the next request is as large as any. */
  widen(): void {
    this.#bound = this.options.max
  }

  /** It knows nothing, as at first. */
  forget(): void {
    this.widen()
    this.#passed = this.#full = 0
  }
}
