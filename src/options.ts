import type { LogLevel } from './runtime/shared/sync/settings/log-level'

export type { LogLevel }

/** Change streams that may be open. */
export interface StreamLimitOptions {
  /** @default 64 */
  perUser?: number
  /** On this server. @default 10000 */
  total?: number
}

/** Bytes of bodies and replies that are held in memory at a time. Change streams have half as much beside it. */
export interface MemoryLimitOptions {
  /** For one user. @default 16777216 16 MiB */
  perUser?: number
  /** For all users. @default 134217728 128 MiB */
  total?: number
}

/** Requests per user and minute; `Infinity`: no limit. Never unlimited by default. */
export interface RateLimitOptions {
  /** @default 3000 */
  push?: number
  /** @default 3000 */
  pull?: number
  /** @default 600 */
  cursor?: number
  /** Tokens for a store that the browser speaks to directly. @default 60 */
  token?: number
  /** Bytes of bodies, unpacked. @default 268435456 256 MiB */
  bytesIn?: number
  /** Bytes of replies and of what change streams carry, before they are packed. @default 536870912 512 MiB */
  bytesOut?: number
  /**
   * Name of the Nitro storage (`nitro.storage`) to count in, for several servers that share one.
   * @default '' the memory of each server
   */
  storage?: string
}

/** Tokens for a store that the browser speaks to directly. Without a key there are none, and `GET /token` answers 404. */
export interface TokenOptions {
  /**
   * `iss` of the tokens: a URL, as a name; nobody fetches it. Env: `OR3_SYNC_TOKEN_ISSUER`.
   * @default 'https://or3-sync'
   */
  issuer?: string
  /**
   * `aud` of the tokens; Convex calls it `applicationID`. Env: `OR3_SYNC_TOKEN_AUDIENCE`.
   * @default 'or3-sync'
   */
  audience?: string
}

/** What an app may write under `or3Sync` in `nuxt.config`. An environment variable of the same meaning wins. */
export interface ModuleOptions {
  /**
   * Whether the server knows who is asking. Env: `SSR_AUTH_ENABLED`.
   * Sync runs only where this and `enabled` are true.
   * @default false
   */
  ssrAuthEnabled?: boolean
  /**
   * Whether sync runs. Env: `OR3_SYNC_ENABLED`. Off: the app works local-only and the routes answer 404.
   * @default false
   */
  enabled?: boolean
  /**
   * Id of the browser's provider: `gateway`, `convex`, or one the app registers. Env: `OR3_SYNC_PROVIDER`.
   * @default 'gateway'
   */
  provider?: string
  /**
   * Store behind the gateway: `sqlite`, `convex` or `postgres`. Env: `OR3_SYNC_BACKEND`.
   * @default by what is configured: Convex with a Convex URL, else SQLite
   */
  backend?: string
  /** URL of the Convex deployment; the package `convex` must be there. Env: `VITE_CONVEX_URL` or `CONVEX_URL`. Default: none. */
  convexUrl?: string
  /**
   * File of the SQLite store, relative to the working directory of the server. Env: `OR3_SYNC_SQLITE_PATH`.
   * @default '.data/or3-sync.sqlite'
   */
  sqlitePath?: string
  /** URL of a Postgres database. Env: `DATABASE_URL`. Default: none. */
  databaseUrl?: string
  /**
   * File that default-exports `defineSyncSchema({ … })`; aliases such as `~~` work.
   * @default 'shared/sync.schema.ts' where it exists, else the `or3` preset
   */
  schema?: string
  /** Requests per user and minute before a route answers 429. */
  rateLimits?: RateLimitOptions
  /**
   * Origins whose pages may use the gateway beside its own, such as `https://app.example.com`. Env: `OR3_SYNC_ALLOWED_ORIGINS`, separated by commas.
   * @default []
   */
  allowedOrigins?: string[]
  /** The names in tokens. The keys are the environment's: `OR3_SYNC_TOKEN_KEY`, `OR3_SYNC_TOKEN_PREVIOUS_KEY`. */
  token?: TokenOptions
  /** How many change streams may be open. */
  streamLimits?: StreamLimitOptions
  /** How much memory requests and change streams may take. */
  memoryLimits?: MemoryLimitOptions
  /**
   * Days after which deletions are forgotten altogether. An older edit of a record that the server does not know is then refused.
   * @default 0 never
   */
  purgeAfterDays?: number
  /** What the gateway writes to stderr, as a line of JSON each. @default 'info' */
  logLevel?: LogLevel
  /** What the browser's console is told. @default '' `debug` in development, else `warn` */
  clientLogLevel?: LogLevel
  /** Goes with every request as `scope.projectId`, and into hooks. It partitions nothing. `useSyncSession().set()` may name another. @default '' none */
  projectId?: string
  /** Bearer token of `GET /api/sync/metrics`. @default '' no such route */
  metricsToken?: string
}
