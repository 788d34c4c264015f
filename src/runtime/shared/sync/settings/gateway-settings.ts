import { BODY_TIMEOUT_MS, CURSOR_EXPIRY_MS, RETENTION_MS, SESSION_CHECK_MS, SESSION_TIMEOUT_MS, SLICE_MS, SSE_PING_MS, TIMER_MAX_MS } from '../protocol/limits'
import { LIMIT_SETTINGS } from './limit-settings'
import { SERVER_SETTINGS } from './module-settings'
import { number } from './setting'

const timer = (fallback: number, about: string) => number({ fallback, about, unit: 'milliseconds', min: 1, max: TIMER_MAX_MS })
const span = (fallback: number, about: string) => number({ fallback, about, unit: 'milliseconds', min: 0, mayBeInfinite: true, mayBeFraction: true })

/** The options of `createSyncGateway` that are plain values. */
export const GATEWAY_SETTINGS = {
  ...LIMIT_SETTINGS,
  purgeAfterDays: SERVER_SETTINGS.purgeAfterDays,
  sliceMs: span(SLICE_MS, 'Work for one user after which others are looked after.'),
  bodyTimeoutMs: timer(BODY_TIMEOUT_MS, 'How long a request\'s body may take to arrive.'),
  sessionTimeoutMs: timer(SESSION_TIMEOUT_MS, 'How long `session` may take to answer. A request is then answered 503, an open stream ends.'),
  pingMs: timer(SSE_PING_MS, 'Time between pings on an open stream.'),
  sessionCheckMs: timer(SESSION_CHECK_MS, 'Time between looks at the session of a quiet stream. Before data is sent it is always looked at.'),
  retentionMs: span(RETENTION_MS, 'Tombstones older than this leave the feed at the next GC.'),
  cursorExpiryMs: span(CURSOR_EXPIRY_MS, 'Devices silent for this long are not waited for by GC.'),
  allowedOrigins: SERVER_SETTINGS.allowedOrigins,
  metricsToken: SERVER_SETTINGS.metricsToken,
} as const
