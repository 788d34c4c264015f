import type { GcCounts } from '../backends/backend'

/** What became of an op: `applied`, `replayed`, `lost` to a higher revision, or the code it was refused with. */
export type OpOutcome = string

/** What the gateway counts. It never hears of payloads, ids or people. */
export interface GatewayMetrics {
  /** Called once, when the gateway is made. The functions tell at any time how many change streams are open and how many bytes are held. */
  attach(gateway: { streams: () => number, heldBytes: () => { requests: number, streams: number } }): void
  /** A request has been answered, in `seconds`. A stream is counted when it ends, without `seconds`. */
  answered(request: { route: string, status: number, seconds?: number }): void
  /** A push has been answered: how many of its ops came out how. */
  pushed(ops: ReadonlyMap<OpOutcome, number>): void
  /** Rows were sent, by `POST /pull` or by a change stream. */
  sent(rows: number, by: 'pull' | 'stream'): void
  /** Garbage collection has finished. */
  collected(counts: GcCounts, seconds: number): void
  /** The metrics as text, and the content type of that text. */
  text(): Promise<{ text: string, contentType: string }>
}
