import type { H3Event } from 'h3'
import type { z } from 'zod'
import type { GatewayContext } from '../context/gateway-context'
import type { GatewaySession } from '../session/gateway-session'
import { readJsonBody } from './read-json-body'
import { checkShape } from '../wire/request-shapes'

/**
 * The body of a request, checked against the shape of its route.
 *
 * @throws GatewayError 400 that names the field; the errors of {@link readJsonBody}
 */
export async function readRequest<T extends z.ZodType>(event: H3Event, context: GatewayContext, session: GatewaySession, shape: T): Promise<z.infer<T>> {
  const body = await readJsonBody(event, context, session)
  return await context.work.readBody(session.userId, body.bytes, async () => checkShape(shape, body.parse()))
}
