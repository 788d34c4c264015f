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
    /** Other origins whose pages may use the gateway, such as `https://app.example.com`. They get CORS headers, with credentials. */
    allowedOrigins: string[]
    token: {
      /** `iss` of tokens. A URL that is only used as a name: it is never fetched. */
      issuer: string
      /** `aud` of tokens. Convex calls it `applicationID`. */
      audience: string
      /** The key that signs tokens: a private P-256 key, as a JWK or PKCS8 PEM (`\n` for line breaks). `''`: none, and there are no tokens. */
      key: string
      /** A second key for the JWKS while keys are changed, private or public: the previous one or the next one. `''`: none. */
      previousKey: string
    }
    rateLimits: {
      /** Pushes per user and minute. */
      push: number
      /** Pulls and subscriptions per user and minute. */
      pull: number
      /** Cursor reports (how far a device has read) per user and minute. */
      cursor: number
      /** Tokens per user and minute, for a store that the browser connects to directly. */
      token: number
      /** Size of request bodies per user and minute, after decompression. In bytes. */
      bytesIn: number
      /** Size of replies and change streams per user and minute, before compression. In bytes. */
      bytesOut: number
      /** Name of the Nitro storage (`nitro.storage`) that holds the counts, for servers that share one. `''`: none: each server counts by itself. */
      storage: string
    }
    streamLimits: {
      /** Change streams that one user may have open. A device has one for each workspace it shows. */
      perUser: number
      /** Change streams that one server may have open. */
      total: number
    }
    memoryLimits: {
      /** Memory for request bodies and replies of one user. Change streams may use half as much in addition. In bytes. */
      perUser: number
      /** Memory for request bodies and replies of all users. Change streams may use half as much in addition. In bytes. */
      total: number
    }
    /**
     * Age after which the store forgets deleted records completely, which frees about 100 bytes each. An older put of a record that the store does
     * not know is then refused as `CONFLICT`. In days.
     */
    purgeAfterDays: number
    /** Which log lines the gateway writes to stderr. Each is a line of JSON: `silent`, `error`, `warn`, `info`, `debug`. */
    logLevel: LogLevel
    /** Bearer token that requests to `GET /api/sync/metrics` need. `''`: none, and that route answers 404. */
    metricsToken: string
  }
}

/** `runtimeConfig.public.or3Sync`: the browser sees it. Override with `NUXT_PUBLIC_OR3_SYNC_…`. */
export interface ModulePublicRuntimeConfig {
  or3Sync: {
    /** Whether sync runs. `ssrAuthEnabled` must be true as well. If not, the app works local-only and the routes answer 404. */
    enabled: boolean
    /** Whether the app's server can tell who is signed in. Sync runs only if this and `enabled` are true. */
    ssrAuthEnabled: boolean
    /**
     * Id of the browser's provider: `gateway`, `convex`, or one that the app registers. `''`: the only provider the app registered, else
     * `gateway`.
     */
    provider: string
    /** URL of a Convex deployment. The package `convex` must be installed in the app, or build and start fail. `''`: none. */
    convexUrl: string
    /**
     * Passed to requests and hooks as `scope.projectId`. Projects of a workspace share their data. `useSyncSession().set()` may set another. `''`:
     * none.
     */
    projectId: string
    /** Which log lines go to the browser's console: `silent`, `error`, `warn`, `info`, `debug`. `''`: `debug` in development, else `warn`. */
    clientLogLevel: LogLevel | ''
    /**
     * The lowest role that may open the sync inspector (the page `/__or3-sync`) in production: `owner`, `editor`, `viewer`. `''`: nobody; in
     * development it is always there.
     */
    inspector: 'owner' | 'editor' | 'viewer' | ''
  }
}
