import type { EventSourceMessage } from 'eventsource-parser'
import { PROTOCOL_HEADER, STREAM_FIRST_EVENT_MS, STREAM_HEAD_MS, STREAM_SILENCE_MS } from '../../../../../shared/sync/protocol/limits'
import { inTime } from '../../../../../shared/sync/waiting/in-time'
import { realTimers } from '../../../../../shared/sync/waiting/timers'
import { linkSignals } from '../../../environment/link-signals'
import { gatewayError } from '../gateway-error'
import { readEventStream, type StreamItem } from './read-event-stream'

/** A stream that has shown that events come through. */
export interface ProvenStream {
  first: EventSourceMessage
  rest: AsyncGenerator<StreamItem, undefined>
}

/**
 * Opens an event stream, given the way to ask for one. Null where the way to the server carries none: whatever a proxy makes of it.
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
  // What a stranger says of streams says nothing of requests: those tell for themselves. Who names a time is obeyed.
  const isAnswer = isOurs || response.status === 401 || response.headers.has('retry-after')
  if (response.ok || !isAnswer) {
    await response.body?.cancel()
    return false
  }
  throw await gatewayError(response)
}

/** Null: a proxy holds the answer back until it is complete, which it never will be. */
async function awaitHead(request: (signal: AbortSignal) => Promise<Response>, signal: AbortSignal): Promise<Response | null> {
  const { signal: wanted, abort, release } = linkSignals([signal])
  const late = () => {
    abort()
    return null
  }
  try { return await inTime(request(wanted), { ms: STREAM_HEAD_MS, timers: realTimers, late }) }
  finally { release() }
}
