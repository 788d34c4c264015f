import { ServerResponse } from 'node:http'
import type { H3Event } from 'h3'

/**
 * The same request as if it came now, to ask again who sent it. h3 keeps an unsealed session in `context.sessions`, even an expired one, so
 * the copy has none. The real reply has begun, so headers that a session sets on the copy are dropped.
 */
export function freshEvent(event: H3Event): H3Event {
  const { req } = event.node
  return Object.create(event, {
    node: { value: { req, res: new ServerResponse(req) } },
    context: { value: { ...event.context, sessions: undefined } },
  }) as H3Event
}
