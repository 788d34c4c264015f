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
  sliceMs: span(SLICE_MS, 'How long the server works for one user before it lets requests of others run.'),
  bodyTimeoutMs: timer(BODY_TIMEOUT_MS, 'How long a request\'s body may take to arrive.'),
  sessionTimeoutMs: timer(SESSION_TIMEOUT_MS, 'How long `session` may take to answer. After that, a request is answered 503 and an open stream ends.'),
  pingMs: timer(SSE_PING_MS, 'Time between pings on an open stream.'),
  sessionCheckMs: timer(SESSION_CHECK_MS, 'How often the session of a quiet stream is checked. It is also checked each time before data is sent.'),
  retentionMs: span(RETENTION_MS, 'Tombstones older than this leave the feed at the next garbage collection.'),
  cursorExpiryMs: span(CURSOR_EXPIRY_MS, 'Garbage collection keeps no tombstones for devices that were silent for this long.'),
  allowedOrigins: SERVER_SETTINGS.allowedOrigins,
  metricsToken: SERVER_SETTINGS.metricsToken,
} as const
