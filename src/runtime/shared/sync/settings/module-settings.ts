import { flag, id, key, number, origins, secret, text, url, word } from './setting'
import { LOG_LEVELS } from './log-level'
import type { SettingValues } from './read-settings'
import { LIMIT_SETTINGS } from './limit-settings'
import { TOKEN_SETTINGS } from './token-settings'

/** Stores that can be named in the options. Not all of them are in every build. */
const BACKEND_NAMES: readonly string[] = ['sqlite', 'convex', 'postgres']

/** The default path of the SQLite file. */
export const SQLITE_PATH = '.data/or3-sync.sqlite'

/** Settings that the browser gets, too. */
export const PUBLIC_SETTINGS = {
  enabled: flag({
    about: 'Whether sync runs. `ssrAuthEnabled` must be true as well. If not, the app works local-only and the routes answer 404.',
    variables: ['OR3_SYNC_ENABLED'],
  }),
  ssrAuthEnabled: flag({ about: 'Whether the app\'s server can tell who is signed in. Sync runs only if this and `enabled` are true.', variables: ['SSR_AUTH_ENABLED'] }),
  provider: text({
    about: 'Id of the browser\'s provider: `gateway`, `convex`, or one that the app registers.',
    otherwise: 'the only provider the app registered, else `gateway`', variables: ['OR3_SYNC_PROVIDER'],
  }),
  convexUrl: url({
    about: 'URL of a Convex deployment. The package `convex` must be installed in the app, or build and start fail.',
    fallback: '', otherwise: 'none', example: 'https://name.convex.cloud', variables: ['VITE_CONVEX_URL', 'CONVEX_URL'],
  }),
  projectId: id({
    about: 'Passed to requests and hooks as `scope.projectId`. Projects of a workspace share their data. `useSyncSession().set()` may set another.', otherwise: 'none',
  }),
  clientLogLevel: word({
    about: 'Which log lines go to the browser\'s console.', fallback: '', otherwise: '`debug` in development, else `warn`', words: LOG_LEVELS, type: 'LogLevel',
  }),
  inspector: word({
    about: 'The lowest role that may open the sync inspector (the page `/__or3-sync`) in production.', fallback: '', otherwise: 'nobody; in development it is always there',
    words: ['owner', 'editor', 'viewer'], type: '\'owner\' | \'editor\' | \'viewer\'', variables: ['OR3_SYNC_INSPECTOR'],
  }),
} as const

/** Settings that only the server gets. */
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
    about: 'Other origins whose pages may use the gateway, such as `https://app.example.com`. They get CORS headers, with credentials.',
    otherwise: 'none', variables: ['OR3_SYNC_ALLOWED_ORIGINS'],
  }),
  token: TOKEN_SETTINGS,
  rateLimits: {
    ...LIMIT_SETTINGS.rateLimits,
    storage: text({
      about: 'Name of the Nitro storage (`nitro.storage`) that holds the counts, for servers that share one.', otherwise: 'none: each server counts by itself',
    }),
  },
  streamLimits: LIMIT_SETTINGS.streamLimits,
  memoryLimits: LIMIT_SETTINGS.memoryLimits,
  purgeAfterDays: number({
    about: 'Age after which the store forgets deleted records completely, which frees about 100 bytes each. '
      + 'An older put of a record that the store does not know is then refused as `CONFLICT`.',
    fallback: 0, otherwise: '0: never', min: 0, max: 36_500, mayBeFraction: true, unit: 'days',
  }),
  logLevel: word({ about: 'Which log lines the gateway writes to stderr. Each is a line of JSON.', fallback: 'info', words: LOG_LEVELS, type: 'LogLevel' }),
  metricsToken: secret({ about: 'Bearer token that requests to `GET /api/sync/metrics` need.', otherwise: 'none, and that route answers 404' }),
} as const

/** The server's runtime config. In addition to the options it has keys, which come from the environment and are never options. */
export const SERVER_RUNTIME_SETTINGS = {
  ...SERVER_SETTINGS,
  token: {
    ...TOKEN_SETTINGS,
    key: key({
      about: 'The key that signs tokens: a private P-256 key, as a JWK or PKCS8 PEM (`\\n` for line breaks).',
      otherwise: 'none, and there are no tokens', variables: ['OR3_SYNC_TOKEN_KEY'],
    }),
    previousKey: key({
      about: 'A second key for the JWKS while keys are changed, private or public: the previous one or the next one.', otherwise: 'none', variables: ['OR3_SYNC_TOKEN_PREVIOUS_KEY'],
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
