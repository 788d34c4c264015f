import { GATEWAY_PAGE_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import { readRequest } from '../requests/read-request'
import { JsonBytes } from '../http/json-bytes'
import { readMark, tellMark } from '../http/mark-header'
import { pullPage } from '../service/pull-page'
import { pullShape } from '../wire/request-shapes'
import { serializeChanges, serializeFeed } from '../wire/serialize-feed'

/** `POST /pull`: one page of the feed. */
export async function pullRoute(event: H3Event, context: GatewayContext): Promise<JsonBytes> {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'pull')
  const { scope, cursor, limit, tables, order, bootstrap } = await readRequest(event, context, session, pullShape)
  context.requireMember(session, scope.workspaceId, 'read')
  const { work, options: { metrics } } = context
  await work.hold(event, session.userId, 2 * GATEWAY_PAGE_BYTES)
  await work.turns.pause(session.userId)
  const page = await pullPage(context.service, { workspaceId: scope.workspaceId, userId: session.userId, session, cursor, limit, tables, order, bootstrap, mark: readMark(event) })
  tellMark(event, page.mark)
  metrics?.sent(page.rows.length, 'pull')
  await work.turns.pause(session.userId)
  const reply = serializeFeed(page, { changes: serializeChanges(page.rows), serverTime: context.now() })
  await work.turns.pause(session.userId)
  return new JsonBytes(reply, session.userId)
}
