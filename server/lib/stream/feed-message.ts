/** A message in the form in which one transport sends it. */
export interface MessageForm {
  /** The message's data within it. */
  readonly data: Buffer
}

/**
 * - `changes`: a page of the feed. `id`: the cursor behind it.
 * - `rescan`: a page that asks for one.
 * - `session`: the reader's workspaces or roles are others than before.
 * - `ping`: the server is there.
 */
export type FeedMessageKind = 'changes' | 'rescan' | 'session' | 'ping'

/** What the reader of a feed is sent, whatever carries it. */
export class FeedMessage {
  readonly #forms = new Map<unknown, MessageForm>()
  #data: Buffer

  constructor(readonly kind: FeedMessageKind, data: Buffer, readonly id?: number) {
    this.#data = data
  }

  /** JSON, without line breaks. */
  get data(): Buffer {
    return this.#data
  }

  /** As a transport sends it: made once for all its readers. The form holds the data from then on, so that it is not kept twice. */
  as<Form extends MessageForm>(make: (message: FeedMessage) => Form): Form {
    const known = this.#forms.get(make) as Form | undefined
    if (known) return known
    const form = make(this)
    this.#forms.set(make, form)
    this.#data = form.data
    return form
  }
}
