import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import type { PushedInfo } from '../context/gateway-options'
import { keepRunning } from './keep-running'

/**
 * Tells the app's listener that a push has committed. The reply does not wait for it, because the ops are stored whatever the listener does.
 * A server that stops waits for the listener as for a request.
 */
export function tellPushed(event: H3Event, { options, requests }: GatewayContext, pushed: PushedInfo): void {
  const { onPushed, logger } = options
  if (!onPushed) return
  const end = requests.begin()
  const listen = async () => {
    try { await onPushed(event, pushed) }
    catch (error) { logger?.error('[or3-sync] a listener of or3-sync:pushed failed', { error }) }
    finally { end() }
  }
  keepRunning(event, listen())
}
