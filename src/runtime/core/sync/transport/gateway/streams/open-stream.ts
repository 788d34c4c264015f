import { PROTOCOL_HEADER, STREAM_FIRST_EVENT_MS, STREAM_HEAD_MS, STREAM_SILENCE_MS } from '../../../../../shared/sync/protocol/limits'
import { inTime } from '../../../../../shared/sync/waiting/in-time'
import { realTimers } from '../../../../../shared/sync/waiting/timers'
import { linkSignals } from '../../../environment/link-signals'
import { gatewayError } from '../gateway-error'
import type { StreamMessage } from './event-stream-parser'
import { readEventStream, type StreamItem } from './read-event-stream'

/** A stream whose first event has arrived: so events come through. */
export interface ProvenStream {
  first: StreamMessage
  rest: AsyncGenerator<StreamItem, undefined>
}

/**
 * Opens an event stream with `request`, and waits for its first event. Null: event streams do not come through, usually because of a proxy.
 *
 * @throws SyncError the gateway's refusal, or `NETWORK_ERROR`
 */
export async function openStream(request: (signal: AbortSignal) => Promise<Response>, signal: AbortSignal): Promise<ProvenStream | null> {
  const response = await awaitHead(request, signal)
  if (!response || !await isEventStream(response)) return null
  const rest = readEventStream(response.body!, { signal, firstSilenceMs: STREAM_FIRST_EVENT_MS, silenceMs: STREAM_SILENCE_MS })
  const { value } = await rest.next()
  if (value?.kind === 'event') return { first: value.message, rest }
  await rest.return(undefined)
  return null
}

async function isEventStream(response: Response): Promise<boolean> {
  const isOurs = response.headers.get(PROTOCOL_HEADER) !== null
  if (isOurs && response.ok && response.body && response.headers.get('content-type')?.startsWith('text/event-stream')) return true
  // A refusal that is not the gateway's concerns only streams: polls may still work. Exceptions: 401, and an answer with `Retry-After`.
  const isAnswer = isOurs || response.status === 401 || response.headers.has('retry-after')
  if (response.ok || !isAnswer) {
    await response.body?.cancel()
    return false
  }
  throw await gatewayError(response)
}

/** Waits for the headers of the answer. Null: they did not come. A proxy may be waiting for the end of the stream, which never comes. */
async function awaitHead(request: (signal: AbortSignal) => Promise<Response>, signal: AbortSignal): Promise<Response | null> {
  const { signal: wanted, abort, release } = linkSignals([signal])
  const late = () => {
    abort()
    return null
  }
  try { return await inTime(request(wanted), { ms: STREAM_HEAD_MS, timers: realTimers, late }) }
  finally { release() }
}
