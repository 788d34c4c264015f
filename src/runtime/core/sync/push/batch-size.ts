import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import { RequestSize, STORE_SIZE } from '../transport/request-size'

/**
 * The most ops that a batch may have now. The limit changes for two reasons:
 *
 * - The store calls a batch too large: the limit is halved until a batch passes ({@link RequestSize}).
 * - A batch is refused because of one of its ops: batches are halved until that op is found. Then the limit is what it was before.
 */
export class BatchSize {
  /** The limit that the store's word on sizes sets. */
  readonly #bound = new RequestSize({ max: PUSH_MAX_OPS, ...STORE_SIZE })
  /** While a refused op is looked for: it is among the next so many ops. 0: none is looked for. */
  #suspects = 0
  /** The limit that the search sets. */
  #part = PUSH_MAX_OPS

  get max(): number {
    return Math.min(this.#bound.max, this.#part)
  }

  /** Whether a refused op is being looked for. */
  get isSearching(): boolean {
    return this.#suspects > 0
  }

  /** A batch of `ops` ops went through. `isFull`: more was waiting than the batch could hold. */
  passed(ops: number, isFull: boolean): void {
    if (this.isSearching) this.#cleared(ops)
    else this.#bound.passed(ops, isFull)
  }

  /** The store called a batch of `ops` ops too large. */
  tooLarge(ops: number): void {
    this.#bound.tooMuch(ops)
  }

  /** One of the ops in a batch of `ops` is refused: smaller batches are tried until it is found. */
  suspect(ops: number): void {
    if (!this.isSearching) this.#suspects = ops
    this.#part = Math.max(1, Math.floor(ops / 2))
  }

  /** A single op was refused: the search is over. Its size says nothing about how large other batches may be. */
  found(): void {
    if (!this.isSearching) this.#bound.widen()
    this.#part = PUSH_MAX_OPS
    this.#cleared(1)
  }

  /** The failures had nothing to do with the ops: forgets all limits. */
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
