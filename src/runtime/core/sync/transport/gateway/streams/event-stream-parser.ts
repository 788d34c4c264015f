/** An event of a server-sent stream. */
export interface StreamMessage {
  /** Absent: the stream gives no name. */
  event?: string
  /** Lines are joined with `\n`. */
  data: string
}

/**
 * Splits a server-sent stream into its events, wherever its pieces were cut, as the HTML standard describes it. The fields `id` and `retry` are not used
 * here, and are left out. `EventSource` would do all this, but it can neither send headers nor tell why a request was refused.
 */
export class EventStreamParser {
  /** The pieces of a line whose end has not come yet. They are joined only then, because a page may be one very long line. */
  #line: string[] = []
  /** The last piece ended with CR, so a LF at the start of the next one belongs to it. */
  #isAfterCr = false
  #message: { event?: string, data: string[] } = { data: [] }

  /** Takes the next piece of the stream. @returns the events that it completes */
  feed(text: string): StreamMessage[] {
    if (!text) return []
    const rest = this.#isAfterCr && text.startsWith('\n') ? text.slice(1) : text
    this.#isAfterCr = text.endsWith('\r')
    const [end, ...others] = rest.split(/\r\n?|\n/)
    this.#line.push(end!)
    return others.flatMap((start) => {
      const line = this.#line.join('')
      this.#line = [start]
      return this.#take(line)
    })
  }

  #take(line: string): StreamMessage | [] {
    const message = this.#message
    if (!line) {
      this.#message = { data: [] }
      return message.data.length ? { ...message, data: message.data.join('\n') } : []
    }
    const [field] = line.split(':', 1)
    const value = line.slice(field!.length).replace(/^: ?/, '')
    if (field === 'data') message.data.push(value)
    if (field === 'event') message.event = value || undefined
    return []
  }
}
