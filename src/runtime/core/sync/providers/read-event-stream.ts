import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { SyncError } from '../../../shared/sync/errors'

/**
 * The events of a server-sent stream, as they come. Ends when the other side closes it or the signal aborts.
 *
 * @throws SyncError `NETWORK_ERROR` when the connection breaks or stays silent for `silenceMs`, pings included.
 */
export async function* readEventStream(body: ReadableStream<Uint8Array>, { signal, silenceMs }: { signal: AbortSignal, silenceMs: number }): AsyncGenerator<EventSourceMessage> {
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: event => events.push(event) })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', cancel)
  try {
    while (!signal.aborted) {
      const { done, value } = await readWithin(reader, silenceMs)
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
      while (events.length) yield events.shift()!
    }
  }
  finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}

async function readWithin(reader: ReadableStreamDefaultReader<Uint8Array>, ms: number): Promise<ReadableStreamReadResult<Uint8Array>> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SyncError('NETWORK_ERROR', 'the event stream went silent')), ms)
  })
  try { return await Promise.race([reader.read(), silence]) }
  catch (cause) { throw cause instanceof SyncError ? cause : new SyncError('NETWORK_ERROR', 'the event stream broke', { cause }) }
  finally { clearTimeout(timer) }
}
