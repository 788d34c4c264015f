import { CURSORS_PER_USER } from '../../src/convex/convex-limits'
import * as limits from '../../src/runtime/shared/sync/protocol/limits'
import { count, size, time } from './in-words'
import { table } from './option-tables'

const percent = (share: number) => `±${share * 100} %`

/** The numbers that nobody can set. */
export function numberTable(): string {
  return table(['what', 'value'], [...sizes(), ...tries(), ...streams(), ...sessions(), ...memory()])
}

function sizes(): string[][] {
  return [
    ['a push', `${count(limits.PUSH_MAX_OPS)} ops, ${size(limits.PUSH_MAX_BYTES)} of payloads; to Convex directly ${count(limits.CONVEX_BATCH_OPS)} ops`],
    ['a request\'s body', `${count(limits.REQUEST_MAX_OPS)} ops, ${size(limits.REQUEST_MAX_BYTES)}`],
    ['a row', `${size(limits.ROW_MAX_BYTES)} of JSON (\`maxBytes\` of its table)`],
    ['a page', `${count(limits.PULL_MAX_LIMIT)} changes, about ${size(limits.GATEWAY_PAGE_BYTES)} (of a stream ${size(limits.STREAM_PAGE_BYTES)}); `
    + `the first of a bootstrap ${count(limits.BOOTSTRAP_FIRST_PAGE)}, then what takes about ${time(limits.BOOTSTRAP_PAGE_MS)}`],
  ]
}

function tries(): string[][] {
  return [
    ['retry', `${backOff()}; never below \`Retry-After\``],
    ['breaker, one for pushes and one for pulls', `${count(limits.BREAKER_FAILURES)} answers of failure (\`SERVER_ERROR\`) in a row, `
    + `then ${time(limits.BREAKER_OPEN_MS)} of nothing, then one probe at a time`],
    ['pacing of pushes', `${count(limits.PUSH_RATE_PER_SECOND)} a second, bursts of ${count(limits.PUSH_BURST)}, full batches free`],
    ['a push\'s body', `compressed above ${size(limits.GZIP_MIN_CHARS)}, `
    + 'where the server takes that (`Accept-Encoding: gzip` in its answers) and the page is not being left'],
    ['a request', `${time(limits.REQUEST_TIMEOUT_MS)} to be answered (of a provider of your own, which gives none itself, ${time(limits.ANSWER_MS, 's')}). `
    + 'One that is not is halved: pushes down to one op, pages down to one row. They grow again while full ones pass'],
    ['an edit that something on the way refuses, or that alone is too large for the link', `tried again alone after `
    + `${[1, 3, 9].map(times => time(times * limits.ASIDE_BASE_MS, 's')).join(', ')}, up to ${time(limits.ASIDE_MAX_MS)}`],
    ['rescans in a row (not those that `rescan()` asks for)', `${count(limits.RESCANS_IN_A_ROW)} within ${time(limits.RESCAN_WINDOW_MS, 's')}, `
    + `then at least ${time(limits.RESCAN_PAUSE_MS)} of pause`],
  ]
}

function streams(): string[][] {
  return [
    ['event stream', `ping every ${time(limits.SSE_PING_MS)}. One that does not begin within ${time(limits.STREAM_HEAD_MS)}, shows no event within `
    + `${time(limits.STREAM_FIRST_EVENT_MS)} of that, or is silent for ${time(limits.STREAM_SILENCE_MS)}, is replaced by polls; it is tried again after `
    + `${time(limits.STREAM_RETRY_MS)}, then after twice as long each time, up to ${time(limits.STREAM_RETRY_MAX_MS)}`],
    ['event streams of one browser', `${count(limits.STREAM_SLOTS)} an origin over HTTP/1.1, `
    + 'whatever the number of tabs and workspaces: a browser has six connections there. Other tabs poll. Over HTTP/2 and later all have streams'],
    ['polls', `every ${time(limits.POLL_INTERVAL_MS)}, in a hidden tab every ${time(limits.POLL_HIDDEN_FACTOR * limits.POLL_INTERVAL_MS)}`],
    ['a stream asks again whether its reader may be there, and in which role', `before each send, and every ${time(limits.SESSION_CHECK_MS)}`],
    ['a quiet stream counts as contact, and is reported', `every ${time(limits.CONTACT_MS)}`],
  ]
}

function sessions(): string[][] {
  return [
    ['the first answer to `GET /session`', `waited for ${time(limits.SESSION_FIRST_ANSWER_MS)}, then the last session counts`],
    ['a missing or expired session is asked for again', `${backOff()}; ${count(limits.SESSION_GUEST_FACTOR)} times as long where nobody has signed in`],
    ['Web Locks that do not answer', `given up after ${time(limits.LOCKS_ANSWER_MS)}: each tab then syncs for itself`],
    ['a token of `GET /token`', `lasts ${time(limits.TOKEN_LIFETIME_MS)}`],
  ]
}

function memory(): string[][] {
  return [
    ['echo cache', `${time(limits.ECHO_TTL_MS, 's')}, ${count(limits.ECHO_MAX_IDS)} records`],
    ['retention of tombstones', `${time(limits.RETENTION_MS)}, on a device by the store's clock`],
    ['retention of conflicts', `${time(limits.CONFLICT_RETENTION_MS)}, by the store's clock`],
    ['a device not heard of', time(limits.CURSOR_EXPIRY_MS)],
    ['`sync.queue:action:full`', `${count(limits.QUEUE_FULL_OPS)} edits`],
    ['devices of a user whose cursors a workspace keeps', `${count(limits.DEVICES_PER_USER)} (on Convex ${count(CURSORS_PER_USER)}), those heard of last`],
  ]
}

function backOff(): string {
  return `${time(limits.RETRY_BASE_MS)}, doubling up to ${time(limits.RETRY_MAX_MS, 's')}, ${percent(limits.RETRY_JITTER)}`
}
