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
   * Reports of how far a device has read, per user and minute.
   * @default 600
   */
  cursor?: number
  /**
   * Tokens for a store that the browser speaks to directly, per user and minute.
   * @default 60
   */
  token?: number
  /**
   * Bodies of requests per user and minute, unpacked. In bytes.
   * @default 268435456 (256 MiB)
   */
  bytesIn?: number
  /**
   * Replies and what change streams carry, per user and minute, before they are packed. In bytes.
   * @default 536870912 (512 MiB)
   */
  bytesOut?: number
  /**
   * Name of the Nitro storage (`nitro.storage`) to count in, for several servers that share one.
   * @default none: each server counts by itself
   */
  storage?: string
}

/** How many change streams may be open. */
export interface StreamLimitOptions {
  /**
   * Change streams that one user may have open: a device has one for each workspace it shows.
   * @default 64
   */
  perUser?: number
  /**
   * Change streams that one server may have open.
   * @default 10000
   */
  total?: number
}

/** How much may be held in memory for requests and streams that are under way. */
export interface MemoryLimitOptions {
  /**
   * Bodies and replies held at a time for one user. Change streams have half as much beside it. In bytes.
   * @default 16777216 (16 MiB)
   */
  perUser?: number
  /**
   * Bodies and replies held at a time for all users. Change streams have half as much beside it. In bytes.
   * @default 134217728 (128 MiB)
   */
  total?: number
}

/**
 * The names in tokens for a store that the browser speaks to directly. The keys are the environment's: `OR3_SYNC_TOKEN_KEY`,
 * `OR3_SYNC_TOKEN_PREVIOUS_KEY`.
 */
export interface TokenOptions {
  /**
   * `iss` of tokens: a URL, as a name; nobody fetches it. Env: `OR3_SYNC_TOKEN_ISSUER`.
   * @default 'https://or3-sync'
   */
  issuer?: string
  /**
   * `aud` of tokens; Convex calls it `applicationID`. Env: `OR3_SYNC_TOKEN_AUDIENCE`.
   * @default 'or3-sync'
   */
  audience?: string
}

/** What an app may write under `or3Sync` in `nuxt.config`. An environment variable of the same meaning wins. */
export interface ModuleOptions {
  /**
   * Whether sync runs, where `ssrAuthEnabled` is true too. Off: the app works local-only and the routes answer 404. Env: `OR3_SYNC_ENABLED`.
   * @default false
   */
  enabled?: boolean
  /**
   * Whether the server knows who is asking. Sync runs only where this and `enabled` are true. Env: `SSR_AUTH_ENABLED`.
   * @default false
   */
  ssrAuthEnabled?: boolean
  /**
   * Id of the browser's provider: `gateway`, `convex`, or one that the app registers. Env: `OR3_SYNC_PROVIDER`.
   * @default the only provider the app registered, else `gateway`
   */
  provider?: string
  /**
   * URL of a Convex deployment. Without the package `convex` in the app it stops build and start. Env: `VITE_CONVEX_URL` or `CONVEX_URL`.
   * @default none
   */
  convexUrl?: string
  /**
   * Goes along as `scope.projectId` with requests and hooks. It partitions nothing, and `useSyncSession().set()` may name another.
   * @default none
   */
  projectId?: string
  /**
   * What the browser's console is told: `silent`, `error`, `warn`, `info`, `debug`.
   * @default `debug` in development, else `warn`
   */
  clientLogLevel?: LogLevel
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
   * Origins whose pages may use the gateway beside its own, such as `https://app.example.com`. They get CORS headers, with credentials. Env:
   * `OR3_SYNC_ALLOWED_ORIGINS`.
   * @default none
   */
  allowedOrigins?: string[]
  /**
   * The names in tokens for a store that the browser speaks to directly. The keys are the environment's: `OR3_SYNC_TOKEN_KEY`,
   * `OR3_SYNC_TOKEN_PREVIOUS_KEY`.
   */
  token?: TokenOptions
  /** What one user may ask for in a minute, before a route answers 429. `Infinity`: no limit. */
  rateLimits?: RateLimitOptions
  /** How many change streams may be open. */
  streamLimits?: StreamLimitOptions
  /** How much may be held in memory for requests and streams that are under way. */
  memoryLimits?: MemoryLimitOptions
  /**
   * Age at which even the revision of a deleted record is forgotten, about 100 bytes each. A put older than that for a record the store does not
   * know is then refused as `CONFLICT`. In days.
   * @default 0: never
   */
  purgeAfterDays?: number
  /**
   * What the gateway writes to stderr, as a line of JSON each: `silent`, `error`, `warn`, `info`, `debug`.
   * @default 'info'
   */
  logLevel?: LogLevel
  /**
   * Bearer token that `GET /api/sync/metrics` asks for.
   * @default none, and that route answers 404
   */
  metricsToken?: string
  /**
   * File that default-exports `defineSyncSchema({ … })`; aliases such as `~~` work.
   * @default `shared/sync.schema.ts` where it exists, else the `or3` preset
   */
  schema?: string
}
