import { invalidSetting } from './invalid-setting'

/** Stores the gateway knows by name. Which of them are in a build is another question. */
export const BACKEND_NAMES = ['sqlite', 'convex', 'postgres'] as const

/** What the environment and the configuration together say. */
export interface SyncSwitches {
  ssrAuthEnabled: boolean
  syncEnabled: boolean
  /** Both of the above: sync runs only then. */
  enabled: boolean
  /** `''`: by what is configured. */
  provider: string
  /** `''`: by what is configured. */
  backend: '' | typeof BACKEND_NAMES[number]
  /** `''`: the default place. */
  sqlitePath: string
  databaseUrl: string
  convexUrl: string
  allowedOrigins: string[]
}

/** The configured values; at the start of a server those of runtime config, where `NUXT_…` overrides are text. */
export interface SwitchDefaults {
  ssrAuthEnabled?: unknown
  enabled?: unknown
  provider?: unknown
  backend?: unknown
  sqlitePath?: unknown
  databaseUrl?: unknown
  convexUrl?: unknown
  allowedOrigins?: unknown
}

type Env = Record<string, string | undefined>

/**
 * Reads every switch. A variable that is set and not empty wins over the configuration.
 *
 * @throws Error of one line that names the variable, its value and the accepted ones.
 */
export function readSwitches(env: Env, defaults: SwitchDefaults = {}): SyncSwitches {
  const ssrAuthEnabled = readBoolean(env, 'SSR_AUTH_ENABLED', 'or3Sync.ssrAuthEnabled', defaults.ssrAuthEnabled)
  const syncEnabled = readBoolean(env, 'OR3_SYNC_ENABLED', 'or3Sync.enabled', defaults.enabled)
  return {
    ssrAuthEnabled,
    syncEnabled,
    enabled: ssrAuthEnabled && syncEnabled,
    provider: readText(env, ['OR3_SYNC_PROVIDER'], 'or3Sync.provider', defaults.provider),
    backend: readBackend(env, defaults.backend),
    sqlitePath: readText(env, ['OR3_SYNC_SQLITE_PATH'], 'or3Sync.sqlitePath', defaults.sqlitePath),
    databaseUrl: readText(env, ['DATABASE_URL'], 'or3Sync.databaseUrl', defaults.databaseUrl),
    convexUrl: readUrl(env, ['VITE_CONVEX_URL', 'CONVEX_URL'], 'or3Sync.convexUrl', defaults.convexUrl),
    allowedOrigins: readOrigins(env, defaults.allowedOrigins),
  }
}

/** The variable that is set, with its value; else the option. */
function pick(env: Env, variables: string[], option: string, fallback: unknown): { name: string, value: unknown } {
  for (const name of variables) {
    const value = env[name]?.trim()
    if (value) return { name, value }
  }
  return { name: option, value: typeof fallback === 'string' ? fallback.trim() : fallback }
}

function readBoolean(env: Env, variable: string, option: string, fallback: unknown): boolean {
  const { name, value } = pick(env, [variable], option, fallback)
  if (value === undefined || value === '' || value === false || value === 'false') return false
  if (value === true || value === 'true') return true
  throw invalidSetting(name, JSON.stringify(value), 'true or false')
}

function readText(env: Env, variables: string[], option: string, fallback: unknown): string {
  const { name, value } = pick(env, variables, option, fallback)
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw invalidSetting(name, JSON.stringify(value), 'text')
  return value
}

function readBackend(env: Env, fallback: unknown): SyncSwitches['backend'] {
  const { name, value } = pick(env, ['OR3_SYNC_BACKEND'], 'or3Sync.backend', fallback)
  if (value === undefined || value === '') return ''
  const backend = BACKEND_NAMES.find(known => known === value)
  if (!backend) throw invalidSetting(name, JSON.stringify(value), BACKEND_NAMES.join(', '))
  return backend
}

function readUrl(env: Env, variables: string[], option: string, fallback: unknown): string {
  const { name, value } = pick(env, variables, option, fallback)
  if (value === undefined || value === '') return ''
  if (typeof value === 'string' && /^https?:\/\/\S+$/.test(value)) return value
  throw invalidSetting(name, JSON.stringify(value), 'a URL such as https://name.convex.cloud')
}

/** A list, or text with commas between. */
function readOrigins(env: Env, fallback: unknown): string[] {
  const { name, value } = pick(env, ['OR3_SYNC_ALLOWED_ORIGINS'], 'or3Sync.allowedOrigins', fallback)
  if (value === undefined || value === null) return []
  const origins = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',').map(text => text.trim()).filter(Boolean) : [value]
  for (const origin of origins) {
    if (!isOrigin(origin)) throw invalidSetting(name, JSON.stringify(origin), 'origins such as https://app.example.com, without a path, separated by commas')
  }
  return origins as string[]
}

function isOrigin(origin: unknown): boolean {
  if (typeof origin !== 'string' || !/^https?:\/\//.test(origin)) return false
  try { return new URL(origin).origin === origin }
  catch { return false }
}
