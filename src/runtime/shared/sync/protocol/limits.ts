/**
 * The default numbers of the product, with their units. Whatever the tables of docs/configuration.md state stands here, and
 * `npm run docs:settings` writes it there.
 */
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
/** What one transaction of Convex is meant to take. A larger batch is refused there, and its sender sends it in parts. */
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

/** Characters of replaced payloads that one reply to a push carries. A batch with more is to be sent in parts; a single op always fits. */
export const OVERWROTE_REPLY_TEXT = 2 * 1024 * 1024

export const PULL_MAX_LIMIT = 2_000
/** The most that any store puts into a page. */
export const PULL_PAGE_BYTES = 2 * 1024 * 1024
/** Bytes after which the gateway's pages end, but for what their rows have beside their payloads: more would hold others up. */
export const GATEWAY_PAGE_BYTES = 1024 * 1024
/** The same for a page of a stream: what a reader that takes nothing makes the server hold. */
export const STREAM_PAGE_BYTES = 512 * 1024
export const BOOTSTRAP_FIRST_PAGE = 100
/** A bootstrap page should take about this long, fetch and apply, in milliseconds. */
export const BOOTSTRAP_PAGE_MS = 250

export const RETRY_BASE_MS = 250
export const RETRY_MAX_MS = 60_000
/** Share of the delay that jitter adds or takes away. */
export const RETRY_JITTER = 0.3
/** A timer that is set for longer goes off at once. */
export const TIMER_MAX_MS = 2 ** 31 - 1
/** An op that was refused alone is sent again after this, then after three times as long each time. */
export const ASIDE_BASE_MS = 10_000
export const ASIDE_MAX_MS = 60 * 60_000

/** A request to the app's server, or to Convex, that has no answer by then has failed. */
export const REQUEST_TIMEOUT_MS = 30_000
/** For requests of providers without a time limit of their own. The built-in ones give up after `REQUEST_TIMEOUT_MS`. */
export const ANSWER_MS = 60_000
/** Characters of a push below which compressing costs more than it saves. */
export const GZIP_MIN_CHARS = 4 * 1024

export const BREAKER_FAILURES = 5
export const BREAKER_OPEN_MS = 30_000

export const ECHO_TTL_MS = 60_000
export const ECHO_MAX_IDS = 2_000

export const PUSH_RATE_PER_SECOND = 20
export const PUSH_BURST = 200

export const SSE_PING_MS = 15_000
/** An event stream begins at once; what takes longer is held up on the way. */
export const STREAM_HEAD_MS = 8_000
/** The gateway's first event comes at once as well. A proxy that passes the head and keeps the body gives us nothing. */
export const STREAM_FIRST_EVENT_MS = 3_000
/** Two pings of the gateway and a little more. */
export const STREAM_SILENCE_MS = 35_000
/** A way that lets no stream through is tried again after this, then after twice as long each time. */
export const STREAM_RETRY_MS = 60_000
export const STREAM_RETRY_MAX_MS = 60 * 60_000
/** HTTP/1.1 gives a browser six connections to an origin. An open stream takes one; the others are for pages and requests. */
export const STREAM_SLOTS = 2
/** A quiet stream of somebody who may not read any more is open no longer than this. */
export const SESSION_CHECK_MS = 15_000
export const POLL_INTERVAL_MS = 2_000
/** A hidden tab waits this many times longer between two polls. */
export const POLL_HIDDEN_FACTOR = 5

/** How long a page waits for the server's first answer before it uses the remembered session. */
export const SESSION_FIRST_ANSWER_MS = 3_000
/** A page without a user waits this many times longer before it asks the server again. */
export const SESSION_GUEST_FACTOR = 5

/** How often a tab that does not lead checks that the leading tab answers. */
export const LEADER_CHECK_MS = 5_000
/** A leader that does not answer within this time is frozen. */
export const LEADER_ANSWER_MS = 3_000
/** Web Locks that have not answered after this time are given up: each tab then works for itself. */
export const LOCKS_ANSWER_MS = 5_000

/** More rescans than this within the window: the store asks for them in a loop. The next one waits. */
export const RESCANS_IN_A_ROW = 3
export const RESCAN_WINDOW_MS = 60_000
export const RESCAN_PAUSE_MS = 10_000
/** How often a live subscription, even a quiet one, counts as contact with the store. */
export const CONTACT_MS = 10 * 60_000
/** At least this time between two reports of the cursor. */
export const CURSOR_REPORT_MS = 10_000
/** The leading tab clears old records. The first run waits, so that it does not slow down the start. */
export const CLEAR_FIRST_MS = 30_000
export const CLEAR_INTERVAL_MS = 10 * 60_000

/** Work for one user after which a gateway looks after others. */
export const SLICE_MS = 5
export const BODY_TIMEOUT_MS = 30_000
/** Of the app's session hook. Below `REQUEST_TIMEOUT_MS`: the client then hears what is wrong. */
export const SESSION_TIMEOUT_MS = 20_000

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
