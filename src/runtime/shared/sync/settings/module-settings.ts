import { flag, id, key, origins, secret, text, url, word } from './setting'
import { LOG_LEVELS } from './log-level'
import type { SettingValues } from './read-settings'
import { LIMIT_SETTINGS, PURGE_SETTING } from './limit-settings'
import { TOKEN_SETTINGS } from './token-settings'

/** Stores the gateway knows by name. Which of them are in a build is another question. */
export const BACKEND_NAMES = ['sqlite', 'convex', 'postgres'] as const

/** `''`: by what is configured, or none. The browser sees these. */
export const PUBLIC_SETTINGS = {
  enabled: flag('OR3_SYNC_ENABLED'),
  ssrAuthEnabled: flag('SSR_AUTH_ENABLED'),
  provider: text('OR3_SYNC_PROVIDER'),
  convexUrl: url('', 'https://name.convex.cloud', 'VITE_CONVEX_URL', 'CONVEX_URL'),
  projectId: id(),
  clientLogLevel: word('', LOG_LEVELS),
} as const

/** `''`: by what is configured, or none. The server alone sees these. */
export const SERVER_SETTINGS = {
  backend: word('', BACKEND_NAMES, 'OR3_SYNC_BACKEND'),
  sqlitePath: text('OR3_SYNC_SQLITE_PATH'),
  databaseUrl: secret('DATABASE_URL'),
  allowedOrigins: origins('OR3_SYNC_ALLOWED_ORIGINS'),
  token: TOKEN_SETTINGS,
  rateLimits: { ...LIMIT_SETTINGS.rateLimits, storage: text() },
  streamLimits: LIMIT_SETTINGS.streamLimits,
  memoryLimits: LIMIT_SETTINGS.memoryLimits,
  purgeAfterDays: PURGE_SETTING,
  logLevel: word('info', LOG_LEVELS),
  metricsToken: secret(),
} as const

/** What runtime config has beside: keys are the environment's, and never options. */
export const SERVER_RUNTIME_SETTINGS = {
  ...SERVER_SETTINGS,
  token: { ...TOKEN_SETTINGS, key: key('OR3_SYNC_TOKEN_KEY'), previousKey: key('OR3_SYNC_TOKEN_PREVIOUS_KEY') },
} as const

/** Every option under `or3Sync` in `nuxt.config`. */
export const MODULE_SETTINGS = { ...PUBLIC_SETTINGS, ...SERVER_SETTINGS, schema: text() } as const

export type PublicSettings = SettingValues<typeof PUBLIC_SETTINGS>
export type ServerSettings = SettingValues<typeof SERVER_RUNTIME_SETTINGS>
