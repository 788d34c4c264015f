import type { H3Event } from 'h3'
import type { ChangedInfo } from '#or3-sync/shared/sync/rows/row-change'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncScope } from '#or3-sync/shared/sync/protocol/types'
import type { GatewayValues } from '#or3-sync/shared/sync/settings/setting-types'
import type { SyncBackend } from '../backends/backend'
import type { GatewayLogger } from '../observe/gateway-logger'
import type { GatewayMetrics } from '../observe/gateway-metrics'
import type { GatewaySession } from '../session/gateway-session'
import type { RateLimiter } from '../limits/rate-limiter'
import type { TableSchemas } from '../service/table-edits'
import type { TokenIssuer } from '../tokens/token-issuer'

/** What a gateway is made of. Its plain values, with their defaults, are in `GatewayValues`. */
export interface GatewayOptions<Tables extends TableSchemas = TableSchemas> extends GatewayValues {
  schema: SyncSchema<Tables>
  backend: SyncBackend
  /** Who is asking; null: nobody. Called once for every request. For an open stream it is called again before each send, with an event of its own. */
  session: (event: H3Event) => GatewaySession | null | Promise<GatewaySession | null>
  /** `false`: every route answers 404. Called for every request. Default: on. */
  enabled?: () => boolean
  /** Counts requests. Default: `FlexibleRateLimiter`, in this process's memory. */
  rateLimiter?: RateLimiter
  logger?: GatewayLogger
  /** Counts what happens, such as `await prometheusMetrics()`. Default: nothing is counted. */
  metrics?: GatewayMetrics
  /** Epoch milliseconds. Default: `Date.now`. */
  now?: () => number
  /** Called after a push that applied something has committed. The answer does not wait for it, and errors are logged. */
  onPushed?: (event: H3Event, pushed: PushedInfo) => void | Promise<void>
  /**
   * Called after each commit of this process that changed rows, with what it changed. Commits of one workspace are told one after the other, in
   * their order. No answer waits for it, and errors are logged. If the process ends, or falls too far behind, commits are left out.
   */
  onChanged?: (changed: ChangedInfo<Tables>) => void | Promise<void>
  /** Whether `onChanged` has anybody to tell. Asked after each commit; if not, the commit's rows are not decoded. Default: yes. */
  hasChangedListeners?: () => boolean
  /** Answers `GET /token` and `GET /.well-known/jwks.json`; absent: both 404. See `createTokenIssuer`. */
  tokens?: TokenIssuer
}

export interface PushedInfo {
  scope: SyncScope
  userId: string
  /** How many ops were applied; repeats are not counted. */
  applied: number
}
