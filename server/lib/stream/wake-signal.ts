/** Lets one loop sleep until something happens. A ring while the loop is busy is not lost. */
export class WakeSignal {
  #rung = false
  #resolve: (() => void) | null = null

  ring(): void {
    this.#rung = true
    this.#resolve?.()
  }

  /** Forgets all rings so far. Call it before looking for news. Called afterwards, it would also forget a ring that came meanwhile. */
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
