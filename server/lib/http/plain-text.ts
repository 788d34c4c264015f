/** A reply that is no JSON. */
export class PlainText {
  constructor(readonly text: string, readonly contentType: string) {}
}
