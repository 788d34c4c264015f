import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'

/** So many full batches pass before a larger one is tried; twice as many after each that was too large. */
const FIRST_PATIENCE = 16
const MAX_PATIENCE = 4_096
/** Share by which a larger one is larger. */
const GROWTH = 0.125

/**
 * How many ops a batch has at most. What the store calls too large is halved until it passes, and what passed is the bound from then on:
 * it grows rarely and by little, so that hardly any request is wasted. A batch that is refused for something in it is halved as well,
 * until that is found among its ops; then the bound is what it was.
 */
export class BatchSize {
  #bound = PUSH_MAX_OPS
  #passed = 0
  #full = 0
  #patience = FIRST_PATIENCE
  /** Ops, from the next one on, among which some are refused for what they are. */
  #suspects = 0
  #part = PUSH_MAX_OPS

  get max(): number {
    return Math.min(this.#bound, this.#part)
  }

  /** Whether something in the next batches is being looked for. */
  get isSearching(): boolean {
    return this.#suspects > 0
  }

  /** `isFull`: more was waiting than the batch could hold. */
  passed(ops: number, isFull: boolean): void {
    if (this.isSearching) this.#cleared(ops)
    else if (isFull && ops >= this.#bound) this.#grow(ops)
  }

  tooLarge(ops: number): void {
    const half = Math.max(1, Math.floor(ops / 2))
    const isTrial = this.#passed >= half && this.#passed < ops
    this.#bound = isTrial ? this.#passed : half
    if (isTrial) this.#patience = Math.min(this.#patience * 2, MAX_PATIENCE)
    this.#full = 0
  }

  /** Something in a batch of so many ops is refused. */
  suspect(ops: number): void {
    if (!this.isSearching) this.#suspects = ops
    this.#part = Math.max(1, Math.floor(ops / 2))
  }

  /** A single op was found that no request can carry. It says nothing of how large batches may be. */
  found(): void {
    if (!this.isSearching) this.#bound = PUSH_MAX_OPS
    this.#part = PUSH_MAX_OPS
    this.#cleared(1)
  }

  /** It was not about the ops at all. */
  forget(): void {
    this.#bound = this.#part = PUSH_MAX_OPS
    this.#suspects = this.#passed = this.#full = 0
  }

  #cleared(ops: number): void {
    this.#suspects = Math.max(0, this.#suspects - ops)
    if (!this.isSearching) this.#part = PUSH_MAX_OPS
  }

  #grow(ops: number): void {
    this.#passed = ops
    if (this.#bound === PUSH_MAX_OPS || ++this.#full < this.#patience) return
    this.#full = 0
    this.#bound = Math.min(PUSH_MAX_OPS, Math.ceil(this.#bound * (1 + GROWTH)))
  }
}
