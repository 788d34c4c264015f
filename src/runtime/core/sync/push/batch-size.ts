import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import { RequestSize, STORE_SIZE } from '../transport/request-size'

/**
 * How many ops a batch has at most. What the store calls too large is halved until it passes. A batch that is refused for something in it is
 * halved as well, until that is found among its ops; then the bound is what it was.
 */
export class BatchSize {
  readonly #bound = new RequestSize({ max: PUSH_MAX_OPS, ...STORE_SIZE })
  /** Ops, from the next one on, among which some are refused for what they are. */
  #suspects = 0
  #part = PUSH_MAX_OPS

  get max(): number {
    return Math.min(this.#bound.max, this.#part)
  }

  /** Whether something in the next batches is being looked for. */
  get isSearching(): boolean {
    return this.#suspects > 0
  }

  /** `isFull`: more was waiting than the batch could hold. */
  passed(ops: number, isFull: boolean): void {
    if (this.isSearching) this.#cleared(ops)
    else this.#bound.passed(ops, isFull)
  }

  tooLarge(ops: number): void {
    this.#bound.tooMuch(ops)
  }

  /** Something in a batch of so many ops is refused. */
  suspect(ops: number): void {
    if (!this.isSearching) this.#suspects = ops
    this.#part = Math.max(1, Math.floor(ops / 2))
  }

  /** A single op was found that no request can carry. It says nothing of how large batches may be. */
  found(): void {
    if (!this.isSearching) this.#bound.widen()
    this.#part = PUSH_MAX_OPS
    this.#cleared(1)
  }

  /** It was not about the ops at all. */
  forget(): void {
    this.#bound.forget()
    this.#part = PUSH_MAX_OPS
    this.#suspects = 0
  }

  #cleared(ops: number): void {
    this.#suspects = Math.max(0, this.#suspects - ops)
    if (!this.isSearching) this.#part = PUSH_MAX_OPS
  }
}
