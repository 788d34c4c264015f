/** Lets one loop sleep until something happens, without missing what happened while it was busy. */
export class WakeSignal {
  #rung = false
  #resolve: (() => void) | null = null

  ring(): void {
    this.#rung = true
    this.#resolve?.()
  }

  /** Forgets rings so far. Call it before looking, not after. */
  reset(): void {
    this.#rung = false
  }

  /** Resolves at the next ring after the last reset; at once when there was one. */
  async wait(): Promise<void> {
    if (this.#rung) return
    await new Promise<void>((resolve) => { this.#resolve = resolve })
    this.#resolve = null
  }
}
