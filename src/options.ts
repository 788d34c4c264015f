// Written by `npm run docs:settings` from what `shared/sync/settings` declares; a test compares them.
import type { LogLevel } from './runtime/shared/sync/settings/log-level'

export type { LogLevel }

/** What one user may ask for in a minute, before a route answers 429. `Infinity`: no limit. */
export interface RateLimitOptions {
  /**
   * Pushes per user and minute.
   * @default 3000
   */
  push?: number
  /**
   * Pulls and subscriptions per user and minute.
   * @default 3000
   */
  pull?: number
  /**
   * Cursor reports (how far a device has read) per user and minute.
   * @default 600
   */
  cursor?: number
  /**
   * Tokens per user and minute, for a store that the browser connects to directly.
   * @default 60
   */
  token?: number
  /**
   * Size of request bodies per user and minute, after decompression. In bytes.
   * @default 268435456 (256 MiB)
   */
  bytesIn?: number
  /**
   * Size of replies and change streams per user and minute, before compression. In bytes.
   * @default 536870912 (512 MiB)
   */
  bytesOut?: number
  /**
   * Name of the Nitro storage (`nitro.storage`) that holds the counts, for servers that share one.
   * @default none: each server counts by itself
   */
  storage?: string
}

/** How many change streams may be open. */
export interface StreamLimitOptions {
  /**
   * Change streams that one user may have open. A device has one for each workspace it shows.
   * @default 64
   */
  perUser?: number
  /**
   * Change streams that one server may have open.
   * @default 10000
   */
  total?: number
}

/** How much memory all requests and streams in progress may use. */
export interface MemoryLimitOptions {
  /**
   * Memory for request bodies and replies of one user. Change streams may use half as much in addition. In bytes.
   * @default 16777216 (16 MiB)
   */
  perUser?: number
  /**
   * Memory for request bodies and replies of all users. Change streams may use half as much in addition. In bytes.
   * @default 134217728 (128 MiB)
   */
  total?: number
}

/**
 * The names in tokens for a store that the browser connects to directly. The keys are the environment's: `OR3_SYNC_TOKEN_KEY`,
 * `OR3_SYNC_TOKEN_PREVIOUS_KEY`.
 */
export interface TokenOptions {
  /**
   * `iss` of tokens. A URL that is only used as a name: it is never fetched. Env: `OR3_SYNC_TOKEN_ISSUER`.
   * @default 'https://or3-sync'
   */
  issuer?: string
  /**
   * `aud` of tokens. Convex calls it `applicationID`. Env: `OR3_SYNC_TOKEN_AUDIENCE`.
   * @default 'or3-sync'
   */
  audience?: string
}

/** What an app may write under `or3Sync` in `nuxt.config`. An environment variable of the same meaning wins. */
export interface ModuleOptions {
  /**
   * Whether sync runs. `ssrAuthEnabled` must be true as well. If not, the app works local-only and the routes answer 404. Env:
   * `OR3_SYNC_ENABLED`.
   * @default false
   */
  enabled?: boolean
  /**
   * Whether the app's server can tell who is signed in. Sync runs only if this and `enabled` are true. Env: `SSR_AUTH_ENABLED`.
   * @default false
   */
  ssrAuthEnabled?: boolean
  /**
   * Id of the browser's provider: `gateway`, `convex`, or one that the app registers. Env: `OR3_SYNC_PROVIDER`.
   * @default the only provider the app registered, else `gateway`
   */
  provider?: string
  /**
   * URL of a Convex deployment. The package `convex` must be installed in the app, or build and start fail. Env: `VITE_CONVEX_URL` or
   * `CONVEX_URL`.
   * @default none
   */
  convexUrl?: string
  /**
   * Passed to requests and hooks as `scope.projectId`. Projects of a workspace share their data. `useSyncSession().set()` may set another.
   * @default none
   */
  projectId?: string
  /**
   * Which log lines go to the browser's console: `silent`, `error`, `warn`, `info`, `debug`.
   * @default `debug` in development, else `warn`
   */
  clientLogLevel?: LogLevel
  /**
   * The lowest role that may open the sync inspector (the page `/__or3-sync`) in production: `owner`, `editor`, `viewer`. Env:
   * `OR3_SYNC_INSPECTOR`.
   * @default nobody; in development it is always there
   */
  inspector?: 'owner' | 'editor' | 'viewer'
  /**
   * Store behind the gateway: `sqlite`, `convex`, `postgres`. Env: `OR3_SYNC_BACKEND`.
   * @default `convex` where there is a Convex URL, else `sqlite`
   */
  backend?: string
  /**
   * File of the SQLite store, relative to the server's working directory. Env: `OR3_SYNC_SQLITE_PATH`.
   * @default `.data/or3-sync.sqlite`
   */
  sqlitePath?: string
  /**
   * URL of a Postgres database. Env: `DATABASE_URL`.
   * @default none
   */
  databaseUrl?: string
  /**
   * Other origins whose pages may use the gateway, such as `https://app.example.com`. They get CORS headers, with credentials. Env:
   * `OR3_SYNC_ALLOWED_ORIGINS`.
   * @default none
   */
  allowedOrigins?: string[]
  /**
   * The names in tokens for a store that the browser connects to directly. The keys are the environment's: `OR3_SYNC_TOKEN_KEY`,
   * `OR3_SYNC_TOKEN_PREVIOUS_KEY`.
   */
  token?: TokenOptions
  /** What one user may ask for in a minute, before a route answers 429. `Infinity`: no limit. */
  rateLimits?: RateLimitOptions
  /** How many change streams may be open. */
  streamLimits?: StreamLimitOptions
  /** How much memory all requests and streams in progress may use. */
  memoryLimits?: MemoryLimitOptions
  /**
   * Age after which the store forgets deleted records completely, which frees about 100 bytes each. An older put of a record that the store does
   * not know is then refused as `CONFLICT`. In days.
   * @default 0: never
   */
  purgeAfterDays?: number
  /**
   * Which log lines the gateway writes to stderr. Each is a line of JSON: `silent`, `error`, `warn`, `info`, `debug`.
   * @default 'info'
   */
  logLevel?: LogLevel
  /**
   * Bearer token that requests to `GET /api/sync/metrics` need.
   * @default none, and that route answers 404
   */
  metricsToken?: string
  /**
   * File that default-exports `defineSyncSchema({ … })`; aliases such as `~~` work.
   * @default `shared/sync.schema.ts` where it exists, else the `or3` preset
   */
  schema?: string
}
