import type { H3Event } from 'h3'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { PULL_PAGE_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import type { SyncScope } from '#or3-sync/shared/sync/protocol/types'
import type { GatewayContext } from '../context/gateway-context'
import type { GatewaySession } from '../session/gateway-session'
import { JsonBytes } from '../http/json-bytes'
import { readMark, tellMark } from '../http/mark-header'
import { readJsonBody } from '../requests/read-json-body'
import { readOp } from '#or3-sync/shared/sync/store/read-op'
import { pushBatch } from '../service/push-batch'
import { checkOpCount, checkShape, pushShape } from '../wire/request-shapes'
import { serializePush } from '../wire/serialize-push'
import { keepRunning } from '../requests/keep-running'
import { tellPushed } from '../requests/tell-pushed'

/** `POST /push`: stores a batch and answers what became of each op. */
export async function pushRoute(event: H3Event, context: GatewayContext): Promise<JsonBytes> {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'push')
  const { scope, items, bytes } = await readBatch(event, context, session)
  // The reply carries the edits that were replaced. It may be many times as large as the request.
  await context.work.hold(event, session.userId, PULL_PAGE_BYTES)
  await context.work.turns.pause(session.userId)
  const pushed = await pushBatch(context.service, { workspaceId: scope.workspaceId, userId: session.userId, session, items, bytes, mark: readMark(event) })
  if (pushed.applied > 0) tellPushed(event, context, { scope, userId: session.userId, applied: pushed.applied })
  keepRunning(event, pushed.told)
  tellMark(event, pushed.mark)
  return new JsonBytes(serializePush(pushed, context.now()), session.userId)
}

/** The ops of the body, each checked. Between the ops of a large batch, other users get their turn. */
async function readBatch(event: H3Event, context: GatewayContext, session: GatewaySession): Promise<{ scope: SyncScope, items: PushItem[], bytes: number }> {
  const body = await readJsonBody(event, context, session)
  return await context.work.readBody(session.userId, body.bytes, async () => {
    const { scope, ops } = checkShape(pushShape, body.parse())
    checkOpCount(ops.length)
    context.requireMember(session, scope.workspaceId, 'write')
    const items: PushItem[] = []
    for (const op of ops) {
      items.push(readOp(op, context.schema))
      await context.work.turns.pause(session.userId)
    }
    return { scope: { workspaceId: scope.workspaceId, ...scope.projectId && { projectId: scope.projectId } }, items, bytes: body.bytes }
  })
}
