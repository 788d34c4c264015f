import { flag, id, key, number, origins, secret, text, url, word } from './setting'
import { LOG_LEVELS } from './log-level'
import type { SettingValues } from './read-settings'
import { LIMIT_SETTINGS } from './limit-settings'
import { TOKEN_SETTINGS } from './token-settings'

/** Stores the gateway knows by name. Which of them are in a build is another question. */
const BACKEND_NAMES: readonly string[] = ['sqlite', 'convex', 'postgres']

/** Where the SQLite store is when nobody names a place. */
export const SQLITE_PATH = '.data/or3-sync.sqlite'

/** The browser sees these. */
export const PUBLIC_SETTINGS = {
  enabled: flag({
    about: 'Whether sync runs, where `ssrAuthEnabled` is true too. Off: the app works local-only and the routes answer 404.',
    variables: ['OR3_SYNC_ENABLED'],
  }),
  ssrAuthEnabled: flag({ about: 'Whether the server knows who is asking. Sync runs only where this and `enabled` are true.', variables: ['SSR_AUTH_ENABLED'] }),
  provider: text({
    about: 'Id of the browser\'s provider: `gateway`, `convex`, or one that the app registers.',
    otherwise: 'the only provider the app registered, else `gateway`', variables: ['OR3_SYNC_PROVIDER'],
  }),
  convexUrl: url({
    about: 'URL of a Convex deployment. Without the package `convex` in the app it stops build and start.',
    fallback: '', otherwise: 'none', example: 'https://name.convex.cloud', variables: ['VITE_CONVEX_URL', 'CONVEX_URL'],
  }),
  projectId: id({
    about: 'Goes along as `scope.projectId` with requests and hooks. It partitions nothing, and `useSyncSession().set()` may name another.', otherwise: 'none',
  }),
  clientLogLevel: word({
    about: 'What the browser\'s console is told.', fallback: '', otherwise: '`debug` in development, else `warn`', words: LOG_LEVELS, type: 'LogLevel',
  }),
} as const

/** The server alone sees these. */
export const SERVER_SETTINGS = {
  backend: word({
    about: 'Store behind the gateway.', fallback: '', otherwise: '`convex` where there is a Convex URL, else `sqlite`',
    words: BACKEND_NAMES, type: 'string', variables: ['OR3_SYNC_BACKEND'],
  }),
  sqlitePath: text({
    about: 'File of the SQLite store, relative to the server\'s working directory.', otherwise: `\`${SQLITE_PATH}\``, variables: ['OR3_SYNC_SQLITE_PATH'],
  }),
  databaseUrl: secret({ about: 'URL of a Postgres database.', otherwise: 'none', variables: ['DATABASE_URL'] }),
  allowedOrigins: origins({
    about: 'Origins whose pages may use the gateway beside its own, such as `https://app.example.com`. They get CORS headers, with credentials.',
    otherwise: 'none', variables: ['OR3_SYNC_ALLOWED_ORIGINS'],
  }),
  token: TOKEN_SETTINGS,
  rateLimits: {
    ...LIMIT_SETTINGS.rateLimits,
    storage: text({
      about: 'Name of the Nitro storage (`nitro.storage`) to count in, for several servers that share one.', otherwise: 'none: each server counts by itself',
    }),
  },
  streamLimits: LIMIT_SETTINGS.streamLimits,
  memoryLimits: LIMIT_SETTINGS.memoryLimits,
  purgeAfterDays: number({
    about: 'Age at which even the revision of a deleted record is forgotten, about 100 bytes each. '
      + 'A put older than that for a record the store does not know is then refused as `CONFLICT`.',
    fallback: 0, otherwise: '0: never', min: 0, max: 36_500, mayBeFraction: true, unit: 'days',
  }),
  logLevel: word({ about: 'What the gateway writes to stderr, as a line of JSON each.', fallback: 'info', words: LOG_LEVELS, type: 'LogLevel' }),
  metricsToken: secret({ about: 'Bearer token that `GET /api/sync/metrics` asks for.', otherwise: 'none, and that route answers 404' }),
} as const

/** What runtime config has beside: keys are the environment's, and never options. */
export const SERVER_RUNTIME_SETTINGS = {
  ...SERVER_SETTINGS,
  token: {
    ...TOKEN_SETTINGS,
    key: key({
      about: 'The key that signs tokens: a private P-256 key, as a JWK or PKCS8 PEM (`\\n` for line breaks).',
      otherwise: 'none, and there are no tokens', variables: ['OR3_SYNC_TOKEN_KEY'],
    }),
    previousKey: key({
      about: 'A second key of the JWKS, private or public: the one before, or the one to come.', otherwise: 'none', variables: ['OR3_SYNC_TOKEN_PREVIOUS_KEY'],
    }),
  },
} as const

/** Every option under `or3Sync` in `nuxt.config`. */
export const MODULE_SETTINGS = {
  ...PUBLIC_SETTINGS,
  ...SERVER_SETTINGS,
  schema: text({
    about: 'File that default-exports `defineSyncSchema({ … })`; aliases such as `~~` work.',
    otherwise: '`shared/sync.schema.ts` where it exists, else the `or3` preset',
  }),
} as const

export type PublicSettings = SettingValues<typeof PUBLIC_SETTINGS>
export type ServerSettings = SettingValues<typeof SERVER_RUNTIME_SETTINGS>
