// Written by `npm run docs:settings` from what `shared/sync/settings` declares; a test compares them.
/** What one user may ask for in a minute, before a route answers 429. `Infinity`: no limit. */
export interface RateLimits {
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
}

/** How many change streams may be open. */
export interface StreamLimits {
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
export interface MemoryLimits {
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

/** The names in tokens. */
export interface TokenNames {
  /**
   * `iss` of tokens. A URL that is only used as a name: it is never fetched.
   * @default 'https://or3-sync'
   */
  issuer?: string
  /**
   * `aud` of tokens. Convex calls it `applicationID`.
   * @default 'or3-sync'
   */
  audience?: string
}

/** The options of a gateway that are plain values. */
export interface GatewayValues {
  /** What one user may ask for in a minute, before a route answers 429. `Infinity`: no limit. */
  rateLimits?: RateLimits
  /** How many change streams may be open. */
  streamLimits?: StreamLimits
  /** How much memory all requests and streams in progress may use. */
  memoryLimits?: MemoryLimits
  /**
   * Age after which the store forgets deleted records completely, which frees about 100 bytes each. An older put of a record that the store does
   * not know is then refused as `CONFLICT`. In days.
   * @default 0: never
   */
  purgeAfterDays?: number
  /**
   * How long the server works for one user before it lets requests of others run. In milliseconds.
   * @default 5
   */
  sliceMs?: number
  /**
   * How long a request's body may take to arrive. In milliseconds.
   * @default 30000 (30 s)
   */
  bodyTimeoutMs?: number
  /**
   * How long `session` may take to answer. After that, a request is answered 503 and an open stream ends. In milliseconds.
   * @default 20000 (20 s)
   */
  sessionTimeoutMs?: number
  /**
   * Time between pings on an open stream. In milliseconds.
   * @default 15000 (15 s)
   */
  pingMs?: number
  /**
   * How often the session of a quiet stream is checked. It is also checked each time before data is sent. In milliseconds.
   * @default 15000 (15 s)
   */
  sessionCheckMs?: number
  /**
   * Tombstones older than this leave the feed at the next garbage collection. In milliseconds.
   * @default 2592000000 (30 days)
   */
  retentionMs?: number
  /**
   * Garbage collection keeps no tombstones for devices that were silent for this long. In milliseconds.
   * @default 604800000 (7 days)
   */
  cursorExpiryMs?: number
  /**
   * Other origins whose pages may use the gateway, such as `https://app.example.com`. They get CORS headers, with credentials.
   * @default none
   */
  allowedOrigins?: readonly string[]
  /**
   * Bearer token that requests to `GET /api/sync/metrics` need.
   * @default none, and that route answers 404
   */
  metricsToken?: string
}
