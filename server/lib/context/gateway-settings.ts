import { CURSOR_EXPIRY_MS, RETENTION_MS, SESSION_CHECK_MS, SSE_PING_MS } from '#or3-sync/shared/sync/protocol/limits'
import { LIMIT_SETTINGS, PURGE_SETTING } from '#or3-sync/shared/sync/settings/limit-settings'
import { readSettings } from '#or3-sync/shared/sync/settings/read-settings'
import type { SettingValues } from '#or3-sync/shared/sync/settings/read-settings'
import { number, origins, secret } from '#or3-sync/shared/sync/settings/setting'
import type { Setting } from '#or3-sync/shared/sync/settings/setting'
import type { GatewayOptions } from './gateway-options'

/** Timers of Node fire at once where they are told to wait longer. */
const TIMER_MAX_MS = 2 ** 31 - 1

const timer = (fallback: number) => number(fallback, { min: 1, max: TIMER_MAX_MS })
const span = (fallback: number) => number(fallback, { min: 0, mayBeInfinite: true, mayBeFraction: true })

/** The options of a gateway that are plain values, with their defaults. */
const VALUES = {
  ...LIMIT_SETTINGS,
  purgeAfterDays: PURGE_SETTING,
  sliceMs: span(5),
  bodyTimeoutMs: timer(30_000),
  // Below the 30 s after which our own client gives a request up: it hears what is wrong.
  sessionTimeoutMs: timer(20_000),
  pingMs: timer(SSE_PING_MS),
  sessionCheckMs: timer(SESSION_CHECK_MS),
  retentionMs: span(RETENTION_MS),
  cursorExpiryMs: span(CURSOR_EXPIRY_MS),
  allowedOrigins: origins(),
  metricsToken: secret(),
} as const

/** Those that are objects and functions: only what kind of thing they are is looked at. */
const PARTS = {
  schema: part('object'), backend: part('object'), session: part('function'), enabled: part('function'), rateLimiter: part('object'), logger: part('object'),
  metrics: part('object'), now: part('function'), onPushed: part('function'), tokens: part('object'),
} satisfies Record<Exclude<keyof GatewayOptions, keyof typeof VALUES>, Setting<unknown>>

function part(kind: 'object' | 'function'): Setting<unknown> {
  return { fallback: undefined, accepted: kind === 'object' ? 'an object' : 'a function', isSecret: true, read: value => typeof value === kind ? value : undefined }
}

export type GatewaySettings = SettingValues<typeof VALUES>

/**
 * The plain values among a gateway's options, with their defaults.
 *
 * @throws Error of one line for a value that is not accepted, an option that nobody knows, or one that is missing.
 */
export function readGatewaySettings(options: GatewayOptions): GatewaySettings {
  const { schema, backend, session, ...values } = readSettings({ ...VALUES, ...PARTS }, { name: 'createSyncGateway options', values: options })
  const missing = Object.entries({ schema, backend, session }).find(([, part]) => part === undefined)
  if (missing) throw new Error(`[or3-sync] createSyncGateway needs the option ${missing[0]}`)
  return values
}
