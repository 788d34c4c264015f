import type { H3Event } from 'h3'
import type { SessionResponse } from '#or3-sync/shared/sync/protocol/types'
import type { GatewayContext } from '../context/gateway-context'
import { pushLimits } from '../service/push-limits'

/** `GET /session`: who is asking, as the server sees it. It also answers when nobody is signed in. */
export async function sessionRoute(event: H3Event, context: GatewayContext): Promise<SessionResponse> {
  const session = await context.session(event)
  const serverTime = context.now()
  if (!session) return { status: 'unauthenticated', userId: null, workspaces: [], serverTime }
  return {
    status: 'authenticated',
    userId: session.userId,
    workspaces: session.workspaces.map(({ id, name, role }) => ({ id, name: name ?? id, role })),
    schemaVersion: context.options.schema.version,
    limits: pushLimits(context.options.backend),
    serverTime,
  }
}
