import { SyncError } from '../../../../../shared/sync/protocol/errors'
import { inTime } from '../../../../../shared/sync/waiting/in-time'
import { realTimers } from '../../../../../shared/sync/waiting/timers'
import { EventStreamParser, type StreamMessage } from './event-stream-parser'

export interface EventStreamOptions {
  signal: AbortSignal
  /** The longest silence before the first event, in milliseconds. */
  firstSilenceMs: number
  /** The longest silence after the first event, in milliseconds. Pings end a silence, too. */
  silenceMs: number
}

/** `silent`: nothing has come for too long. This is the last item. */
export type StreamItem = { kind: 'event', message: StreamMessage } | { kind: 'silent' }

/**
 * Reads the events of a server-sent stream. It reads on only when the next event is asked for. It ends when the server closes the stream or goes
 * silent, or when the signal aborts.
 *
 * @throws SyncError `NETWORK_ERROR` when the connection breaks.
 */
export async function* readEventStream(body: ReadableStream<Uint8Array>, { signal, firstSilenceMs, silenceMs }: EventStreamOptions): AsyncGenerator<StreamItem, undefined> {
  const parser = new EventStreamParser()
  const decoder = new TextDecoder()
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', cancel)
  let patienceMs = firstSilenceMs
  try {
    while (!signal.aborted) {
      const chunk = await readWithin(reader, patienceMs)
      if (chunk === 'silent') {
        yield { kind: 'silent' }
        return
      }
      if (chunk.done) return
      for (const message of parser.feed(decoder.decode(chunk.value, { stream: true }))) {
        patienceMs = silenceMs
        yield { kind: 'event', message }
      }
    }
  }
  finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}

async function readWithin(reader: ReadableStreamDefaultReader<Uint8Array>, ms: number): Promise<ReadableStreamReadResult<Uint8Array> | 'silent'> {
  try { return await inTime(reader.read(), { ms, timers: realTimers, late: () => 'silent' as const }) }
  catch (cause) { throw new SyncError('NETWORK_ERROR', 'the event stream broke', { cause }) }
}
