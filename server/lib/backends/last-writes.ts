/** Remembers whether the last write to the store failed. A store with a full disk can still be read, so a health check that only reads would not notice. */
export class LastWrites {
  /** True: a write has failed since the last one that was stored. */
  areFailing = false

  stored(): void {
    this.areFailing = false
  }

  failed(): void {
    this.areFailing = true
  }
}
