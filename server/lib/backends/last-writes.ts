/** What became of the latest batch that was to change the store. Reading may go on while writing fails (a full disk), and nobody need write to find out. */
export class LastWrites {
  /** One has failed since the last that was stored. */
  areFailing = false

  stored(): void {
    this.areFailing = false
  }

  failed(): void {
    this.areFailing = true
  }
}
