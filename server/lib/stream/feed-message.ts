/** A message in the form in which one transport sends it. */
export interface MessageForm {
  /** The message's data, as a part of the form's bytes. */
  readonly data: Buffer
}

/**
 * - `changes`: a page of the feed. `id` is its next cursor.
 * - `rescan`: a page that tells the reader to rescan.
 * - `session`: the reader's workspaces or roles have changed.
 * - `ping`: shows that the server is still there.
 */
export type FeedMessageKind = 'changes' | 'rescan' | 'session' | 'ping'

/** What the reader of a feed is sent, over any transport. */
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

  /** The message in the form of a transport, made once for all readers. From then on the form holds the data, so that it is not in memory twice. */
  as<Form extends MessageForm>(make: (message: FeedMessage) => Form): Form {
    const known = this.#forms.get(make) as Form | undefined
    if (known) return known
    const form = make(this)
    this.#forms.set(make, form)
    this.#data = form.data
    return form
  }
}
