import type { H3Event } from 'h3'
import { PULL_PAGE_BYTES } from '#or3-sync/shared/sync/limits'
import type { GatewayContext } from '../gateway-context'
import { JsonText } from '../json-text'
import { readMark, tellMark } from '../mark-header'
import { readJsonBody } from '../read-json-body'
import { checkShape, pullShape } from '../request-shapes'
import { serializeChanges, serializeFeed } from '../serialize-feed'

/** `POST /pull`: one page of the feed. */
export async function pullRoute(event: H3Event, context: GatewayContext): Promise<JsonText> {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'pull')
  const { scope, cursor, limit, tables, order = 'asc', bootstrap } = checkShape(pullShape, await readJsonBody(event, context.bodyTimeoutMs))
  context.requireMember(session, scope.workspaceId, 'read')
  const page = await context.options.backend.pull({
    workspaceId: scope.workspaceId, userId: session.userId, cursor, limit, tables, order, bootstrap: bootstrap ?? order === 'desc', maxBytes: PULL_PAGE_BYTES, mark: readMark(event),
  })
  tellMark(event, page.mark)
  context.options.metrics?.sent(page.rows.length, 'pull')
  return new JsonText(serializeFeed(page, { changes: serializeChanges(page.rows), serverTime: context.now() }))
}
