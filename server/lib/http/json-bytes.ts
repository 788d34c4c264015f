/** A reply that is already JSON, as bytes. */
export class JsonBytes {
  /** `userId`: the user whose allowance of bytes it counts against. */
  constructor(readonly bytes: Buffer, readonly userId: string) {}
}
