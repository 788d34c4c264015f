import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import { GatewayError } from '../errors/gateway-error'
import { readRequest } from '../requests/read-request'
import { cursorShape } from '../wire/request-shapes'

/** `POST /cursor`: how far a device of this user has come, for the garbage collector. Viewers may call it. */
export async function cursorRoute(event: H3Event, context: GatewayContext) {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'cursor')
  const { scope, deviceId, version } = await readRequest(event, context, session, cursorShape)
  context.requireMember(session, scope.workspaceId, 'read')
  const moved = await context.options.backend.updateCursor({
    workspaceId: scope.workspaceId, userId: session.userId, deviceId, version, now: context.now(),
  })
  if (moved === 'ahead') throw new GatewayError(400, 'VALIDATION_ERROR', `version: the workspace has not reached ${version}`)
  return { ok: true }
}
