/** Every default number of the product, with its unit. */
export const PROTOCOL_VERSION = 1
export const PROTOCOL_HEADER = 'x-or3-sync-protocol'
/** Names the user a request is made for, percent-encoded. A session of somebody else is answered 409 `USER_CHANGED`. */
export const USER_HEADER = 'x-or3-sync-user'
/**
 * Names the newest commit of the workspace: in answers to push and pull, and in pulls the one that the device was told last. By it a
 * store notices that it was restored from a backup.
 */
export const MARK_HEADER = 'x-or3-sync-mark'
/** Path of the gateway below the origin. */
export const GATEWAY_BASE = '/api/sync'

export const PUSH_MAX_OPS = 500
/** For a provider that speaks to Convex directly: what one transaction there is meant to take. */
export const CONVEX_PUSH_MAX_OPS = 100
export const PUSH_MAX_BYTES = 512 * 1024
/** UTF-8 bytes of a payload's JSON. */
export const ROW_MAX_BYTES = 256 * 1024
/**
 * Levels of objects and arrays in a row, the row itself not counted; what travels as one value (a date, bytes) is no level. The same on
 * every end.
 */
export const PAYLOAD_MAX_DEPTH = 64
/** A received payload that is nested deeper is not even kept in quarantine: reading it might exhaust the stack. */
export const READABLE_MAX_DEPTH = 256
/** Of an app's schema: browsers count the versions of a database up to 2^53, and there it is a thousand times this. */
export const SCHEMA_VERSION_MAX = 9_000_000_000_000
/** A row on a device, in about bytes: above 127 MiB Chromium stores nothing, whatever stays on the device and whatever travels. */
export const STORED_ROW_MAX_SIZE = 120 * 1024 * 1024
/** Decimal digits of a bigint: reading text as a number takes ever longer. */
export const BIGINT_MAX_DIGITS = 4_000
export const REQUEST_MAX_BYTES = 1024 * 1024
/** The most that `maxBytes` of a table may be: a request also names the record, its stamp and the scope. */
export const ROW_BYTES_LIMIT = REQUEST_MAX_BYTES - 8 * 1024
export const REQUEST_MAX_OPS = 1_000
/** A request to the app's server, or to Convex, that has no answer by then has failed. */
export const REQUEST_TIMEOUT_MS = 30_000

/** Characters of replaced payloads that one reply to a push carries. A batch with more is to be sent in parts; a single op always fits. */
export const OVERWROTE_REPLY_TEXT = 2 * 1024 * 1024

export const PULL_MAX_LIMIT = 2_000
export const PULL_PAGE_BYTES = 2 * 1024 * 1024
export const BOOTSTRAP_FIRST_PAGE = 100
/** A bootstrap page should take about this long, fetch and apply, in milliseconds. */
export const BOOTSTRAP_PAGE_MS = 250

export const RETRY_BASE_MS = 250
export const RETRY_MAX_MS = 60_000
/** Share of the delay that jitter adds or takes away. */
export const RETRY_JITTER = 0.3

export const BREAKER_FAILURES = 5
export const BREAKER_OPEN_MS = 30_000

export const ECHO_TTL_MS = 60_000
export const ECHO_MAX_IDS = 2_000

export const PUSH_RATE_PER_SECOND = 20
export const PUSH_BURST = 200

export const SSE_PING_MS = 15_000
/** A quiet stream of somebody who may not read any more is open no longer than this. */
export const SESSION_CHECK_MS = 15_000
export const POLL_INTERVAL_MS = 2_000

/** Of a token of `GET /token`. */
export const TOKEN_LIFETIME_MS = 10 * 60_000

export const DAY_MS = 24 * 60 * 60_000
export const RETENTION_MS = 30 * DAY_MS
export const CURSOR_EXPIRY_MS = 7 * DAY_MS
export const CONFLICT_RETENTION_MS = 30 * DAY_MS
export const NOTICE_MAX_AGE_MS = DAY_MS
export const NOTICE_DEDUPE_MS = 15_000

/** A hook tells the app when this many edits wait. */
export const QUEUE_FULL_OPS = 5_000
export const PK_MAX_LENGTH = 256
/** Devices of one user whose cursors a store keeps in one workspace, for garbage collection. */
export const DEVICES_PER_USER = 64
/** HLC nodes that an op may name as its database's own. */
export const UNHEARD_MAX_NODES = 8
