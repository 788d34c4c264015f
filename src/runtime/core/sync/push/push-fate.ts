import type { CollectedOp } from './collect-batch'

export interface PushFateOptions {
  /**
   * False when another tab may be pushing as well: without Web Locks, or after the lead was taken from a frozen tab. Any edit in the outbox may
   * then be on its way from there. Asked each time, because it may change.
   */
  isAlone: () => boolean
  /** It is known of more edits whether the store has them. */
  onTold: () => void
  /** The `recordKey`s of the records in the push that begins; empty: it is over. */
  onInFlight?: (keys: readonly string[]) => void
}

/**
 * Knows which records have an edit here that the store may have, although no answer has come.
 *
 * A higher revision from others cannot be judged for such a record: whoever made it may have seen our edit or not. Only the answer to our push
 * tells whether the two are in conflict.
 */
export class PushFate {
  /** Records in the push under way. */
  readonly #inFlight = new Set<string>()
  /** Records whose push failed without telling whether it arrived. */
  readonly #uncertain = new Set<string>()
  /** An earlier session may have pushed anything in the outbox. True until a push is answered and no more edits wait behind it. */
  #unsure = true
  /** Resolves when the push under way has its answer, or has failed. */
  #landing: Promise<void> = Promise.resolve()
  #land = () => {}

  constructor(private readonly options: PushFateOptions) {}

  /** This tab starts to push. */
  begin(): void {
    this.#unsure = true
  }

  /** These ops are on their way. */
  sent(ops: readonly CollectedOp[]): void {
    for (const { key } of ops) this.#inFlight.add(key)
    this.#landing = new Promise((resolve) => { this.#land = resolve })
    this.options.onInFlight?.(ops.map(({ key }) => key))
  }

  /** The store has answered these ops. `more`: other edits wait behind them, and an earlier session may have sent those. */
  answered(ops: readonly CollectedOp[], { more }: { more: boolean }): void {
    for (const { key } of ops) this.#uncertain.delete(key)
    if (!more) this.#unsure = false
    this.#ended()
    this.options.onTold()
  }

  /** The push failed before it reached the store. */
  unapplied(): void {
    this.#ended()
    this.options.onTold()
  }

  /** The push failed, and nobody knows whether these ops arrived. */
  lost(ops: readonly CollectedOp[]): void {
    for (const { key } of ops) this.#uncertain.add(key)
    this.#ended()
  }

  /** Nothing can be sent now. If nothing waits either, no edit is in doubt any more. */
  nothingToSend({ waiting }: { waiting: boolean }): void {
    if (!waiting) {
      this.#unsure = false
      this.#uncertain.clear()
    }
    this.options.onTold()
  }

  /** Whether the store may have an edit of the record that still waits here. */
  isOpen(key: string): boolean {
    return !this.options.isAlone() || this.#unsure || this.#inFlight.has(key) || this.#uncertain.has(key)
  }

  /** Resolves when the push under way, if any, is answered and settled, or has failed. */
  async whenAnswered(): Promise<void> {
    await this.#landing
  }

  #ended(): void {
    const wasInFlight = this.#inFlight.size > 0
    this.#inFlight.clear()
    this.#land()
    if (wasInFlight) this.options.onInFlight?.([])
  }
}
