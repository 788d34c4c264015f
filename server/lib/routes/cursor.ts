import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import { readRequest } from '../requests/read-request'
import { moveCursor } from '../service/move-cursor'
import { cursorShape } from '../wire/request-shapes'

/** `POST /cursor`: how far a device of this user has read, for the garbage collector. Viewers may call it. */
export async function cursorRoute(event: H3Event, context: GatewayContext) {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'cursor')
  const { scope, deviceId, version } = await readRequest(event, context, session, cursorShape)
  context.requireMember(session, scope.workspaceId, 'read')
  await moveCursor(context.service, { workspaceId: scope.workspaceId, userId: session.userId, deviceId, version })
  return { ok: true }
}
