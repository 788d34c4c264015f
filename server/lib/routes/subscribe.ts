import { appendResponseHeader, getQuery, getRequestHeader } from 'h3'
import type { H3Event } from 'h3'
import { EventStream } from '../stream/event-stream'
import type { GatewayContext } from '../context/gateway-context'
import { acceptsGzip } from '../http/accepts-gzip'
import { knownTables } from '../wire/known-tables'
import { checkShape, subscribeShape } from '../wire/request-shapes'
import { streamChanges } from '../stream/stream-changes'
import { OwnEdits } from '../stream/own-edits'
import { StreamReader } from '../requests/stream-reader'
import { WakeSignal } from '../stream/wake-signal'

const RETRY_MS = 1_000

/** `GET /subscribe`: the backlog from `cursor`, then every change as it happens, as server-sent events. */
export async function subscribeRoute(event: H3Event, context: GatewayContext): Promise<void> {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'pull')
  const { workspaceId, cursor, tables, node } = checkShape(subscribeShape, getQuery(event))
  context.requireMember(session, workspaceId, 'read')
  context.streams.check(session.userId)

  const signal = new WakeSignal()
  // Listening starts before the first page is read, so that nothing falls between.
  const feed = context.feeds.acquire(workspaceId)
  const stopListening = feed.onChange(() => signal.ring())
  const own = node === undefined ? undefined : new OwnEdits(session.userId, node)
  const stopNoting = own && feed.noteOwn(own)
  const timer = setInterval(() => signal.ring(), context.settings.sessionCheckMs)
  const { res } = event.node
  appendResponseHeader(event, 'vary', 'accept-encoding')
  const stream = new EventStream(res, { pingMs: context.settings.pingMs, retryMs: RETRY_MS, gzip: acceptsGzip(event), now: context.now, onClose: () => signal.ring() })
  const giveBack = context.streams.add(session.userId, stream)
  const reader = new StreamReader({ context, event, session, workspaceId, stream })
  try {
    await streamChanges(stream, feed, {
      userId: session.userId,
      cursor: lastEventId(event) ?? cursor,
      tables: knownTables(tables, context.schema),
      own,
      mayRead: () => reader.mayRead(),
      onSent: (rows, bytes) => countSent(context, session.userId, rows, bytes),
    }, signal, context.work)
  }
  catch (error) {
    // The response has begun: all that is left is to end it. The reader comes back and gets a proper answer.
    context.options.logger?.warn('[or3-sync] a change stream ended', { error })
  }
  finally {
    clearInterval(timer)
    stopListening()
    stopNoting?.()
    context.feeds.release(feed)
    giveBack()
    stream.end()
  }
}

/** @returns milliseconds until this user may be sent anything again */
function countSent({ options, byteRates }: GatewayContext, userId: string, rows: number, bytes: number): number {
  options.metrics?.sent(rows, 'stream')
  byteRates.count('out', userId, bytes)
  return byteRates.waitMs('out', userId)
}

/** What a browser that lost the connection had seen: newer than the URL it was opened with. */
function lastEventId(event: H3Event): number | undefined {
  const id = getRequestHeader(event, 'last-event-id')
  return id !== undefined && /^\d{1,15}$/.test(id) ? Number(id) : undefined
}
