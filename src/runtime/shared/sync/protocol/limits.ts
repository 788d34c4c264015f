/**
 * Numbers that several parts share or that the docs state, with their units. `npm run docs:settings` writes them into the tables of
 * docs/configuration.md.
 */
export const PROTOCOL_VERSION = 1
export const PROTOCOL_HEADER = 'x-or3-sync-protocol'
/** Names the user for whom a request is made, percent-encoded. If another user is signed in, the answer is 409 `USER_CHANGED`. */
export const USER_HEADER = 'x-or3-sync-user'
/**
 * Carries marks of commits. Answers to push and pull name the workspace's newest commit. Requests name the newest one that the device knows:
 * a store that does not have it was restored from a backup.
 */
export const MARK_HEADER = 'x-or3-sync-mark'
/** Path of the gateway below the origin. */
export const GATEWAY_BASE = '/api/sync'

export const PUSH_MAX_OPS = 500
/** Ops that one transaction of Convex takes. It refuses a larger batch. */
export const CONVEX_PUSH_MAX_OPS = 500
/** Ops that a device sends to Convex at a time, unless one transaction of the app is larger. */
export const CONVEX_BATCH_OPS = 100
/** UTF-8 bytes of the payloads that one push to Convex brings. A single op always passes. */
export const CONVEX_PUSH_MAX_BYTES = 1024 * 1024
/** UTF-8 bytes of stored payloads that one push to Convex may read or replace. A single op always passes. */
export const CONVEX_REPLACED_BYTES = 512 * 1024
export const CONVEX_LIMITS = { ops: CONVEX_PUSH_MAX_OPS, bytes: CONVEX_PUSH_MAX_BYTES, replacedBytes: CONVEX_REPLACED_BYTES }
export const PUSH_MAX_BYTES = 512 * 1024
/** UTF-8 bytes of a payload's JSON. */
export const ROW_MAX_BYTES = 256 * 1024
/**
 * Levels of objects and arrays in a row, not counting the row itself. Values that are sent as one object (a date, bytes) are no level.
 * Devices and stores have the same limit.
 */
export const PAYLOAD_MAX_DEPTH = 64
/** A received payload that is nested deeper than this is not even kept in quarantine: reading it might exhaust the stack. */
export const READABLE_MAX_DEPTH = 256
/** The highest version of an app's schema. The version of the IndexedDB database is a thousand times this, and browsers count up to 2^53. */
export const SCHEMA_VERSION_MAX = 9_000_000_000_000
/** The size of a row on a device, roughly in bytes. Chromium stores no value above 127 MiB. It also counts for rows that are never sent. */
export const STORED_ROW_MAX_SIZE = 120 * 1024 * 1024
/** Decimal digits of a bigint. Parsing more digits gets slow, so a longer one would block whoever reads it. */
export const BIGINT_MAX_DIGITS = 4_000
export const REQUEST_MAX_BYTES = 1024 * 1024
/** The highest `maxBytes` of a table. The rest of a request is for the record's key, its stamp and the scope. */
export const ROW_BYTES_LIMIT = REQUEST_MAX_BYTES - 8 * 1024
export const REQUEST_MAX_OPS = 1_000

/** Characters of replaced payloads in one push reply. A batch that replaces more is refused and sent in parts. A single op is never refused for this. */
export const OVERWROTE_REPLY_TEXT = 2 * 1024 * 1024

export const PULL_MAX_LIMIT = 2_000
/** A level step with more rows than this is applied page by page instead of at once. */
export const STEP_MAX_ROWS = 2_000
/** The same, in characters of payloads. */
export const STEP_MAX_TEXT = 4 * 1024 * 1024
/** A level step that was cut off this often is applied page by page. */
export const STEP_CUT_OFFS = 2
/** Bytes that any store puts into one page at most. */
export const PULL_PAGE_BYTES = 2 * 1024 * 1024
/** Bytes of payloads, keys and device ids after which a page of the gateway ends. Larger pages would keep other requests waiting. */
export const GATEWAY_PAGE_BYTES = 1024 * 1024
/** The same for a page of a stream. The server holds this much in memory for each reader that reads slowly or not at all. */
export const STREAM_PAGE_BYTES = 512 * 1024
export const BOOTSTRAP_FIRST_PAGE = 100
/** Fetching and applying one bootstrap page should take about this long. Page sizes are adapted to it. */
export const BOOTSTRAP_PAGE_MS = 250

export const RETRY_BASE_MS = 250
export const RETRY_MAX_MS = 60_000
/** Share of the delay that jitter adds or takes away. */
export const RETRY_JITTER = 0.3
/** The longest delay of a timer. `setTimeout` with a longer one fires at once. */
export const TIMER_MAX_MS = 2 ** 31 - 1
/** An op that waits aside is sent again after this time, then after three times as long each time. */
export const ASIDE_BASE_MS = 10_000
export const ASIDE_MAX_MS = 60 * 60_000

/** A request to the app's server or to Convex fails if it has no answer after this time. */
export const REQUEST_TIMEOUT_MS = 30_000
/** The same for requests of custom providers, which may have no time limit of their own. */
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
/** The head of an event stream comes at once. If it takes longer than this, something on the way holds it up. */
export const STREAM_HEAD_MS = 8_000
/** The gateway's first event comes at once as well. If it takes longer than this, a proxy passes on the head but keeps the body. */
export const STREAM_FIRST_EVENT_MS = 3_000
/** A stream that was silent for this long is dead. It is the time between two pings of the gateway, twice, and a little more. */
export const STREAM_SILENCE_MS = 35_000
/** If no stream gets through to the server, the next attempt comes after this time, then after twice as long each time. */
export const STREAM_RETRY_MS = 60_000
export const STREAM_RETRY_MAX_MS = 60 * 60_000
/** Open streams per browser at most. With HTTP/1.1 a browser has six connections to an origin, and pages and requests need some of them. */
export const STREAM_SLOTS = 2
/** How often the session behind a quiet stream is checked. A user who may not read any more keeps the stream for this long at most. */
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
/** If Web Locks have not answered after this time, the engine does without them, and each tab works for itself. */
export const LOCKS_ANSWER_MS = 5_000

/** After this many rescans within the window the store seems to ask for them in a loop. The next one waits. */
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

/** After this much work for one user the gateway lets requests of other users run. */
export const SLICE_MS = 5
export const BODY_TIMEOUT_MS = 30_000
/** For the app's session hook. Shorter than `REQUEST_TIMEOUT_MS`, so that the client gets an answer that says what is wrong. */
export const SESSION_TIMEOUT_MS = 20_000

/** How long a token of `GET /token` is valid. */
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
/** Devices of one user in one workspace whose cursors a store keeps for garbage collection. */
export const DEVICES_PER_USER = 64
/** HLC nodes in the `unheard` of one op. */
export const UNHEARD_MAX_NODES = 8
