// Written by `npm run docs:settings` from what `shared/sync/settings` declares; a test compares them.
import type { LogLevel } from './options'

/** `runtimeConfig.or3Sync`: stays on the server. Override with `NUXT_OR3_SYNC_…`. */
export interface ModuleRuntimeConfig {
  or3Sync: {
    /** Store behind the gateway: `sqlite`, `convex`, `postgres`. `''`: `convex` where there is a Convex URL, else `sqlite`. */
    backend: string
    /** File of the SQLite store, relative to the server's working directory. `''`: `.data/or3-sync.sqlite`. */
    sqlitePath: string
    /** URL of a Postgres database. `''`: none. */
    databaseUrl: string
    /** Origins whose pages may use the gateway beside its own, such as `https://app.example.com`. They get CORS headers, with credentials. */
    allowedOrigins: string[]
    token: {
      /** `iss` of tokens: a URL, as a name; nobody fetches it. */
      issuer: string
      /** `aud` of tokens; Convex calls it `applicationID`. */
      audience: string
      /** The key that signs tokens: a private P-256 key, as a JWK or PKCS8 PEM (`\n` for line breaks). `''`: none, and there are no tokens. */
      key: string
      /** A second key of the JWKS, private or public: the one before, or the one to come. `''`: none. */
      previousKey: string
    }
    rateLimits: {
      /** Pushes per user and minute. */
      push: number
      /** Pulls and subscriptions per user and minute. */
      pull: number
      /** Reports of how far a device has read, per user and minute. */
      cursor: number
      /** Tokens for a store that the browser speaks to directly, per user and minute. */
      token: number
      /** Bodies of requests per user and minute, unpacked. In bytes. */
      bytesIn: number
      /** Replies and what change streams carry, per user and minute, before they are packed. In bytes. */
      bytesOut: number
      /** Name of the Nitro storage (`nitro.storage`) to count in, for several servers that share one. `''`: none: each server counts by itself. */
      storage: string
    }
    streamLimits: {
      /** Change streams that one user may have open: a device has one for each workspace it shows. */
      perUser: number
      /** Change streams that one server may have open. */
      total: number
    }
    memoryLimits: {
      /** Bodies and replies held at a time for one user. Change streams have half as much beside it. In bytes. */
      perUser: number
      /** Bodies and replies held at a time for all users. Change streams have half as much beside it. In bytes. */
      total: number
    }
    /**
     * Age at which even the revision of a deleted record is forgotten, about 100 bytes each. A put older than that for a record the store does not
     * know is then refused as `CONFLICT`. In days.
     */
    purgeAfterDays: number
    /** What the gateway writes to stderr, as a line of JSON each: `silent`, `error`, `warn`, `info`, `debug`. */
    logLevel: LogLevel
    /** Bearer token that `GET /api/sync/metrics` asks for. `''`: none, and that route answers 404. */
    metricsToken: string
  }
}

/** `runtimeConfig.public.or3Sync`: the browser sees it. Override with `NUXT_PUBLIC_OR3_SYNC_…`. */
export interface ModulePublicRuntimeConfig {
  or3Sync: {
    /** Whether sync runs, where `ssrAuthEnabled` is true too. Off: the app works local-only and the routes answer 404. */
    enabled: boolean
    /** Whether the server knows who is asking. Sync runs only where this and `enabled` are true. */
    ssrAuthEnabled: boolean
    /**
     * Id of the browser's provider: `gateway`, `convex`, or one that the app registers. `''`: the only provider the app registered, else
     * `gateway`.
     */
    provider: string
    /** URL of a Convex deployment. Without the package `convex` in the app it stops build and start. `''`: none. */
    convexUrl: string
    /** Goes along as `scope.projectId` with requests and hooks. It partitions nothing, and `useSyncSession().set()` may name another. `''`: none. */
    projectId: string
    /** What the browser's console is told: `silent`, `error`, `warn`, `info`, `debug`. `''`: `debug` in development, else `warn`. */
    clientLogLevel: LogLevel | ''
  }
}
