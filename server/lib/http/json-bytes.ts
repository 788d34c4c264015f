/** A reply that is JSON already, as bytes. */
export class JsonBytes {
  /** `userId`: against whose allowance of bytes it counts. */
  constructor(readonly bytes: Buffer, readonly userId: string) {}
}
