import { setResponseHeader, setResponseStatus } from 'h3'
import type { H3Event } from 'h3'
import { PROTOCOL_VERSION } from '#or3-sync/shared/sync/protocol/limits'
import type { GatewayContext } from '../context/gateway-context'

/** `GET /health`: whether the store answers, and whether it takes pushes. It tells nothing about the data and needs no session. */
export async function healthRoute(event: H3Event, context: GatewayContext) {
  const { backend } = context.options
  const health = { ok: true, backend: backend.id, protocol: PROTOCOL_VERSION }
  try {
    await backend.health()
    // Devices can still pull while writes fail. So the server stays in service, and only the reply reports it.
    return context.writes.areFailing ? { ...health, writes: 'failing' } : health
  }
  catch (error) {
    context.storeTrouble.report(error)
    setResponseStatus(event, 503)
    setResponseHeader(event, 'retry-after', 1)
    return { ...health, ok: false }
  }
}
