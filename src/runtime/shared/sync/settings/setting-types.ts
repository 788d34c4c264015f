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
}

/** How many change streams may be open. */
export interface StreamLimits {
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
export interface MemoryLimits {
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

/** The names in tokens. */
export interface TokenNames {
  /**
   * `iss` of tokens: a URL, as a name; nobody fetches it.
   * @default 'https://or3-sync'
   */
  issuer?: string
  /**
   * `aud` of tokens; Convex calls it `applicationID`.
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
  /** How much may be held in memory for requests and streams that are under way. */
  memoryLimits?: MemoryLimits
  /**
   * Age at which even the revision of a deleted record is forgotten, about 100 bytes each. A put older than that for a record the store does not
   * know is then refused as `CONFLICT`. In days.
   * @default 0: never
   */
  purgeAfterDays?: number
  /**
   * Work for one user after which others are looked after. In milliseconds.
   * @default 5
   */
  sliceMs?: number
  /**
   * How long a request's body may take to arrive. In milliseconds.
   * @default 30000 (30 s)
   */
  bodyTimeoutMs?: number
  /**
   * How long `session` may take to answer. A request is then answered 503, an open stream ends. In milliseconds.
   * @default 20000 (20 s)
   */
  sessionTimeoutMs?: number
  /**
   * Time between pings on an open stream. In milliseconds.
   * @default 15000 (15 s)
   */
  pingMs?: number
  /**
   * Time between looks at the session of a quiet stream. Before data is sent it is always looked at. In milliseconds.
   * @default 15000 (15 s)
   */
  sessionCheckMs?: number
  /**
   * Tombstones older than this leave the feed at the next GC. In milliseconds.
   * @default 2592000000 (30 days)
   */
  retentionMs?: number
  /**
   * Devices silent for this long are not waited for by GC. In milliseconds.
   * @default 604800000 (7 days)
   */
  cursorExpiryMs?: number
  /**
   * Origins whose pages may use the gateway beside its own, such as `https://app.example.com`. They get CORS headers, with credentials.
   * @default none
   */
  allowedOrigins?: readonly string[]
  /**
   * Bearer token that `GET /api/sync/metrics` asks for.
   * @default none, and that route answers 404
   */
  metricsToken?: string
}
