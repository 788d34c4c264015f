import type { CollectedOp } from './collect-batch'

export interface PushFateOptions {
  /**
   * False where other tabs may push as well, without Web Locks or after the lead was taken from a frozen tab: whatever waits may be on its
   * way from there. Asked each time.
   */
  isAlone: () => boolean
  /** Of some edits it is known now what became of them. */
  onTold: () => void
}

/**
 * Knows of which records a push may be with the store although nobody has said so. What comes from others above such an edit may have
 * been made upon it: only the answer to our push tells whether they met.
 */
export class PushFate {
  readonly #inFlight = new Set<string>()
  readonly #uncertain = new Set<string>()
  /** An earlier session may have pushed anything that is in the outbox: true until a push is answered with nothing left behind it. */
  #unsure = true
  /** Resolves when the push under way has its answer, or has failed. */
  #landing: Promise<void> = Promise.resolve()
  #land = () => {}

  constructor(private readonly options: PushFateOptions) {}

  begin(): void {
    this.#unsure = true
  }

  sent(ops: readonly CollectedOp[]): void {
    for (const { key } of ops) this.#inFlight.add(key)
    this.#landing = new Promise((resolve) => { this.#land = resolve })
  }

  /** `more`: others wait behind them, which an earlier session may have sent together with these. */
  answered(ops: readonly CollectedOp[], { more }: { more: boolean }): void {
    for (const { key } of ops) this.#uncertain.delete(key)
    if (!more) this.#unsure = false
    this.#ended()
    this.options.onTold()
  }

  /** They did not reach the store this time. */
  unapplied(): void {
    this.#ended()
    this.options.onTold()
  }

  /** Nobody knows whether they arrived. */
  lost(ops: readonly CollectedOp[]): void {
    for (const { key } of ops) this.#uncertain.add(key)
    this.#ended()
  }

  /** There is nothing to send. Where nothing waits either, there is nothing left to be in doubt about. */
  nothingToSend({ waiting }: { waiting: boolean }): void {
    if (!waiting) {
      this.#unsure = false
      this.#uncertain.clear()
    }
    this.options.onTold()
  }

  /** Whether an edit of the record that still waits may be with the store. */
  isOpen(key: string): boolean {
    return !this.options.isAlone() || this.#unsure || this.#inFlight.has(key) || this.#uncertain.has(key)
  }

  /** Resolves when the push under way, if any, is answered and settled, or has failed. */
  async whenAnswered(): Promise<void> {
    await this.#landing
  }

  #ended(): void {
    this.#inFlight.clear()
    this.#land()
  }
}
