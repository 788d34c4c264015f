/** A reply that is JSON text already. */
export class JsonText {
  /** `userId`: against whose allowance of bytes it counts. */
  constructor(readonly text: string, readonly userId: string) {}
}
