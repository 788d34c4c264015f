import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import type { GatewaySession } from '../session/gateway-session'
import type { FeedSink } from '../stream/feed-sink'
import { OwnEdits } from '../stream/own-edits'
import { streamChanges } from '../stream/stream-changes'
import { WakeSignal } from '../stream/wake-signal'
import { StreamReader } from './stream-reader'

/** Who reads which feed, and from where. Their membership has been checked. */
export interface FeedOrder {
  session: GatewaySession
  workspaceId: string
  cursor: number
  tables?: readonly string[]
  /** The HLC node of the reader. Edits that it pushes with this node are not sent back. */
  node?: string
}

/**
 * Sends a feed over any transport until its reader goes. `open` makes the connection, and calls its argument when the connection is gone.
 * Never throws: the answer has begun and can only be ended. The reader comes back and gets a proper answer.
 */
export async function serveFeed(event: H3Event, context: GatewayContext, { session, workspaceId, cursor, tables, node }: FeedOrder, open: (onClose: () => void) => FeedSink): Promise<void> {
  const signal = new WakeSignal()
  const ring = () => signal.ring()
  // Listening starts before the first page is read, so that no commit is missed.
  const feed = context.feeds.acquire(workspaceId)
  const stopListening = feed.onChange(ring)
  const own = node === undefined ? undefined : new OwnEdits(session.userId, node)
  const stopNoting = own && feed.noteOwn(own)
  const timer = setInterval(ring, context.settings.sessionCheckMs)
  const sink = open(ring)
  const giveBack = context.streams.add(session.userId, sink)
  const reader = new StreamReader({ context, event, session, workspaceId, sink })
  try {
    await streamChanges(sink, feed, {
      userId: session.userId, session, cursor, tables, own,
      mayRead: () => reader.mayRead(),
      onSent: (rows, bytes) => countSent(context, session.userId, rows, bytes),
    }, signal, context.work)
  }
  catch (error) {
    context.options.logger?.warn('[or3-sync] a change stream ended', { error })
  }
  finally {
    clearInterval(timer)
    stopListening()
    stopNoting?.()
    context.feeds.release(feed)
    giveBack()
    sink.end()
  }
}

/** @returns milliseconds until this user may be sent anything again */
function countSent({ options, byteRates }: GatewayContext, userId: string, rows: number, bytes: number): number {
  options.metrics?.sent(rows, 'stream')
  byteRates.count('out', userId, bytes)
  return byteRates.waitMs('out', userId)
}
