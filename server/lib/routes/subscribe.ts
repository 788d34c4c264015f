import { appendResponseHeader, getQuery, getRequestHeader } from 'h3'
import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import { acceptsGzip } from '../http/accepts-gzip'
import { serveFeed } from '../requests/serve-feed'
import { EventStream } from '../stream/server-sent/event-stream'
import { knownTables } from '../wire/known-tables'
import { checkShape, subscribeShape } from '../wire/request-shapes'

const RETRY_MS = 1_000

/** `GET /subscribe`: the backlog from `cursor`, then every change as it happens, as server-sent events. */
export async function subscribeRoute(event: H3Event, context: GatewayContext): Promise<void> {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'pull')
  const { workspaceId, cursor, tables, node } = checkShape(subscribeShape, getQuery(event))
  context.requireMember(session, workspaceId, 'read')
  context.streams.check(session.userId)

  appendResponseHeader(event, 'vary', 'accept-encoding')
  const order = { session, workspaceId, cursor: lastEventId(event) ?? cursor, tables: knownTables(tables, context.schema), node }
  const { settings: { pingMs }, now } = context
  await serveFeed(event, context, order, onClose => new EventStream(event.node.res, { pingMs, retryMs: RETRY_MS, gzip: acceptsGzip(event), now, onClose }))
}

/** The cursor that a browser had reached when it lost the connection. It is newer than the one in the URL. */
function lastEventId(event: H3Event): number | undefined {
  const id = getRequestHeader(event, 'last-event-id')
  return id !== undefined && /^\d{1,15}$/.test(id) ? Number(id) : undefined
}
