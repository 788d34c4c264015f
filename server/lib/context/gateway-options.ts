import type { H3Event } from 'h3'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncScope } from '#or3-sync/shared/sync/protocol/types'
import type { SyncBackend } from '../backends/backend'
import type { GatewayLogger } from '../observe/gateway-logger'
import type { GatewayMetrics } from '../observe/gateway-metrics'
import type { GatewaySession } from '../session/gateway-session'
import type { MemoryLimits } from '../limits/work-under-way'
import type { RateLimiter } from '../limits/rate-limiter'
import type { StreamLimits } from '../stream/stream-slots'
import type { TokenIssuer } from '../tokens/token-issuer'

export interface RateLimits {
  /** Requests per user and minute. Default: 3,000. */
  push?: number
  /** Pulls and subscriptions per user and minute. Default: 3,000. */
  pull?: number
  /** Default: 600. */
  cursor?: number
  /** Tokens for the store itself. Default: 60. */
  token?: number
  /** Bytes of bodies per user and minute, unpacked. Default: 256 MiB. */
  bytesIn?: number
  /** Bytes of replies and of what streams carry, per user and minute, before they are packed. Default: 512 MiB. */
  bytesOut?: number
}

export interface GatewayOptions {
  schema: SyncSchema
  backend: SyncBackend
  /** Who is asking; null: nobody. Asked once for every request; of an open stream again before each send, with an event of its own. */
  session: (event: H3Event) => GatewaySession | null | Promise<GatewaySession | null>
  /** `false` answers 404 everywhere. Asked for every request. Default: on. */
  enabled?: () => boolean
  rateLimits?: RateLimits
  /** Counts requests. Default: `FlexibleRateLimiter`, in this process's memory. */
  rateLimiter?: RateLimiter
  /** How many change streams may be open. */
  streamLimits?: StreamLimits
  /** How much may be held in memory for requests and streams that are under way. */
  memoryLimits?: MemoryLimits
  /** Milliseconds of work for one user after which others are looked after. Default: 5. */
  sliceMs?: number
  /** How long a request's body may take to arrive, in milliseconds. Default: 30,000. */
  bodyTimeoutMs?: number
  /** How long `session` may take to answer, in milliseconds. A request is then answered 503, an open stream ends. Default: 20,000. */
  sessionTimeoutMs?: number
  /** Origins accepted beside the server's own, such as `https://app.example.com`; they get CORS headers, with credentials. Default: none. */
  allowedOrigins?: readonly string[]
  logger?: GatewayLogger
  /** Counts what happens, such as `await prometheusMetrics()`. Default: nothing is counted. */
  metrics?: GatewayMetrics
  /** Bearer token that `GET /metrics` asks for; absent: that route answers 404. */
  metricsToken?: string
  /** Epoch milliseconds. Default: `Date.now`. */
  now?: () => number
  /** Called after a push that applied something has committed. The answer does not wait for it; what it throws is logged. */
  onPushed?: (event: H3Event, pushed: PushedInfo) => void | Promise<void>
  /** Milliseconds between pings on an open stream. Default: 15,000. */
  pingMs?: number
  /** Milliseconds between looks at the session of a quiet stream; before data is sent it is always looked at. Default: 15,000. */
  sessionCheckMs?: number
  /** Tombstones older than this leave the feed at the next GC, in milliseconds. Default: 30 days. */
  retentionMs?: number
  /** Devices silent for this long are not waited for by GC, in milliseconds. Default: 7 days. */
  cursorExpiryMs?: number
  /** Answers `GET /token` and `GET /.well-known/jwks.json`; absent: both 404. See `createTokenIssuer`. */
  tokens?: TokenIssuer
  /**
   * Days after which the revision of a deleted record is forgotten, too. A put older than that for a record the store does not
   * know is then refused as `CONFLICT`. Default: never forgotten, about 100 bytes each.
   */
  purgeAfterDays?: number
}

export interface PushedInfo {
  scope: SyncScope
  userId: string
  /** How many ops were applied; repeats are not counted. */
  applied: number
}
