import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import { readRequest } from '../requests/read-request'
import { JsonBytes } from '../http/json-bytes'
import { knownTables } from '../wire/known-tables'
import { readMark, tellMark } from '../http/mark-header'
import { pullShape } from '../wire/request-shapes'
import { serializeChanges, serializeFeed } from '../wire/serialize-feed'

/** After which a page ends, but for what its rows have beside their payloads: more would hold others up. */
const PAGE_BYTES = 1024 * 1024

/** `POST /pull`: one page of the feed. */
export async function pullRoute(event: H3Event, context: GatewayContext): Promise<JsonBytes> {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'pull')
  const { scope, cursor, limit, tables, order = 'asc', bootstrap } = await readRequest(event, context, session, pullShape)
  context.requireMember(session, scope.workspaceId, 'read')
  const { work, options: { backend, metrics } } = context
  await work.hold(event, session.userId, 2 * PAGE_BYTES)
  await work.turns.pause(session.userId)
  const page = await backend.pull({
    workspaceId: scope.workspaceId,
    userId: session.userId,
    cursor,
    limit,
    tables: knownTables(tables, context.schema),
    order,
    bootstrap: bootstrap ?? order === 'desc',
    maxBytes: PAGE_BYTES,
    mark: readMark(event),
  })
  tellMark(event, page.mark)
  metrics?.sent(page.rows.length, 'pull')
  await work.turns.pause(session.userId)
  const reply = serializeFeed(page, { changes: serializeChanges(page.rows), serverTime: context.now() })
  await work.turns.pause(session.userId)
  return new JsonBytes(reply, session.userId)
}
