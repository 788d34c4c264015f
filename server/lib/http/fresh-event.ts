import { ServerResponse } from 'node:http'
import type { H3Event } from 'h3'

/**
 * The same request as if it came now, for asking again who sent it. Answers kept for the first time do not count: h3 keeps an unsealed
 * session in `context.sessions`, expired or not. The real reply has begun, so headers that a session wants to set go nowhere.
 */
export function freshEvent(event: H3Event): H3Event {
  const { req } = event.node
  return Object.create(event, {
    node: { value: { req, res: new ServerResponse(req) } },
    context: { value: { ...event.context, sessions: undefined } },
  }) as H3Event
}
