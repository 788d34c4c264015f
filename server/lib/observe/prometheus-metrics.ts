import type { GatewayMetrics } from './gateway-metrics'

/** Seconds. A push takes some milliseconds; the high buckets show a slow store. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * Counts for Prometheus in a registry of its own, together with the process's memory, CPU and event-loop lag. The package `prom-client` is
 * loaded only by this call.
 */
export async function prometheusMetrics(): Promise<GatewayMetrics> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({ name: 'or3_sync_requests_total', help: 'Requests answered, by route and status', labelNames: ['route', 'status'], registers })
  const latency = new Histogram({ name: 'or3_sync_request_duration_seconds', help: 'Time to answer, streams left out', labelNames: ['route'], buckets: BUCKETS, registers })
  const ops = new Counter({ name: 'or3_sync_ops_total', help: 'Ops pushed, by outcome: applied, replayed, lost, or the code of their refusal', labelNames: ['outcome'], registers })
  const rows = new Counter({ name: 'or3_sync_rows_sent_total', help: 'Rows sent, by pull or by stream', labelNames: ['by'], registers })
  const collected = new Counter({ name: 'or3_sync_gc_removed_total', help: 'What garbage collection removed, by kind', labelNames: ['kind'], registers })
  const collecting = new Histogram({ name: 'or3_sync_gc_duration_seconds', help: 'Time of a garbage collection', buckets: BUCKETS, registers })

  return {
    attach({ streams, heldBytes }) {
      new Gauge({
        name: 'or3_sync_held_bytes', help: 'Bytes of bodies, replies and stream pages held now, by what for', labelNames: ['by'], registers,
        collect() { for (const [by, bytes] of Object.entries(heldBytes())) this.set({ by }, bytes) },
      })
      new Gauge({ name: 'or3_sync_streams', help: 'Change streams open now', registers, collect() { this.set(streams()) } })
    },
    answered({ route, status, seconds }) {
      requests.inc({ route, status })
      if (seconds !== undefined) latency.observe({ route }, seconds)
    },
    pushed(counts) {
      for (const [outcome, count] of counts) ops.inc({ outcome }, count)
    },
    sent: (count, by) => rows.inc({ by }, count),
    collected({ tombstones, devices, purged }, seconds) {
      for (const [kind, count] of Object.entries({ tombstones, devices, purged })) collected.inc({ kind }, count)
      collecting.observe(seconds)
    },
    text: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  }
}
