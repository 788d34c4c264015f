import type { GatewayMetrics } from '../../../../server/lib/observe/gateway-metrics'

/** Metrics that tell nothing but what the gateway holds in memory for requests and streams. */
export function watchHeldBytes() {
  let heldBytes = () => ({ requests: 0, streams: 0 })
  const metrics: GatewayMetrics = {
    attach: (gateway) => { heldBytes = gateway.heldBytes },
    answered: () => {},
    pushed: () => {},
    sent: () => {},
    collected: () => {},
    text: async () => ({ text: '', contentType: 'text/plain' }),
  }
  return { metrics, now: () => heldBytes() }
}
