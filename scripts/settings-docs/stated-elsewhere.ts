import { DISCARD_MAX_BYTES } from '../../server/lib/http/discard-body'
import { PATIENCE_MS } from '../../server/lib/backends/sqlite/open-sqlite'
import { SCAN_MAX } from '../../server/lib/backends/sqlite/sqlite-page'
import * as convex from '../../src/convex/convex-limits'
import * as limits from '../../src/runtime/shared/sync/protocol/limits'
import { MAX_CLOCK_SKEW_MS } from '../../src/runtime/shared/sync/protocol/hlc'
import { MEMORIES_MAX_TEXT, MEMORIES_PER_USER } from '../../src/runtime/shared/sync/store/push-memory'
import { GATEWAY_SETTINGS } from '../../src/runtime/shared/sync/settings/gateway-settings'
import { SQLITE_PATH } from '../../src/runtime/shared/sync/settings/module-settings'
import { count, inWords, size, time } from './in-words'

const { rateLimits, streamLimits, memoryLimits, bodyTimeoutMs, sessionTimeoutMs } = GATEWAY_SETTINGS
const fallback = ({ fallback, unit }: { fallback: number, unit?: 'bytes' | 'milliseconds' | 'days' }) => inWords(fallback, unit)
const minutes = (ms: number) => time(ms, 'min').replace('min', 'minutes')

/** A page, a text that stands in one line of its tables, and the figures that it has to name. */
type Stated = [page: string, line: string, ...figures: string[]]

/** Tables that are written by hand and name declared numbers. */
export function statedInTables(): Stated[] {
  return [...ofOperations(), ...ofProtocol(), ...ofOthers(), ...ofConvex()]
}

/** Docstrings of other options that name a default: the file, and what stands in it. */
export function statedInSource(): [file: string, text: string][] {
  const transport = 'src/runtime/core/sync/transport'
  return [
    [`${transport}/convex/convex-sync-provider.ts`, `Default: ${count(limits.REQUEST_TIMEOUT_MS)}.`],
    [`${transport}/gateway/gateway-sync-provider.ts`, `Default: ${count(limits.POLL_INTERVAL_MS)}.`],
    ['src/runtime/core/sync/environment/until-answered.ts', `Default: ${count(limits.ANSWER_MS)}.`],
    ['src/runtime/shared/sync/protocol/types.ts', `Default: ${count(limits.PUSH_MAX_OPS)}.`],
    ['src/runtime/shared/sync/schema/sync-schema.ts', `at most ${count(limits.ROW_BYTES_LIMIT)}. Default: ${count(limits.ROW_MAX_BYTES)} (${size(limits.ROW_MAX_BYTES)}).`],
    ['src/convex/functions/gc.ts', `Default: ${time(limits.RETENTION_MS)}.`],
    ['src/convex/functions/gc.ts', `Default: ${time(limits.CURSOR_EXPIRY_MS)}.`],
    ['src/convex/functions/pull-shape.ts', `Default and most: ${size(limits.PULL_PAGE_BYTES)}.`],
    ['server/lib/backends/sqlite/sqlite.ts', `Default: \`${SQLITE_PATH}\`.`],
    ['server/lib/backends/sqlite/sqlite.ts', `Default: ${count(PATIENCE_MS)}.`],
  ]
}

function ofOperations(): Stated[] {
  const { push, pull, cursor, bytesIn, bytesOut } = rateLimits
  const { perUser, total } = memoryLimits
  return [
    ['operations.md', '| pushes, ', `| ${[push, pull, cursor].map(fallback).join(' / ')} |`],
    ['operations.md', '| bytes that a user sends in a minute', `| ${fallback(bytesIn)} |`],
    ['operations.md', '| bytes that a user is sent in a minute', `| ${fallback(bytesOut)} |`],
    ['operations.md', '| change streams of a user |', `| ${fallback(streamLimits.perUser)} |`],
    ['operations.md', '| change streams of a server |', `| ${fallback(streamLimits.total)} |`],
    ['operations.md', '| a request |', size(limits.REQUEST_MAX_BYTES), `${count(limits.REQUEST_MAX_OPS)} ops`, size(DISCARD_MAX_BYTES)],
    ['operations.md', '| a body\'s time to arrive', `| ${fallback(bodyTimeoutMs)}`],
    ['operations.md', '| the app\'s session hook |', `| ${fallback(sessionTimeoutMs)} |`],
    ['operations.md', '| what a stream holds for a slow reader |', size(limits.STREAM_PAGE_BYTES)],
    ['operations.md', '| bodies and replies of one user', `| ${fallback(perUser)}`],
    ['operations.md', '| bodies and replies of all users', `| ${fallback(total)} |`],
    ['operations.md', '| pages of streams', `${size(perUser.fallback / 2)}, ${size(total.fallback / 2)}`],
  ]
}

function ofProtocol(): Stated[] {
  return [
    ['protocol.md', '| 408 |', fallback(bodyTimeoutMs)],
    ['protocol.md', '| 413 |', size(limits.REQUEST_MAX_BYTES), `${count(limits.REQUEST_MAX_OPS)} ops`],
    ['protocol.md', '| `CLOCK_SKEW` |', `more than ${time(MAX_CLOCK_SKEW_MS)} ahead`],
    ['protocol.md', '| `limit` |', `1 to ${count(limits.PULL_MAX_LIMIT)}`, size(limits.GATEWAY_PAGE_BYTES), count(SCAN_MAX)],
    ['protocol.md', '| `ping` |', `every ${time(limits.SSE_PING_MS)}`],
  ]
}

function ofOthers(): Stated[] {
  return [
    ['security.md', '`fold-push.test.ts`', `more than ${time(MAX_CLOCK_SKEW_MS)} ahead`],
    ['security.md', '`backends.test.ts` (30)', time(limits.CURSOR_EXPIRY_MS)],
    ['security.md', '`membership.test.ts`', `every ${time(limits.SESSION_CHECK_MS)}`],
    ['auth.md', '| the session expires |', time(limits.SESSION_CHECK_MS)],
    ['auth.md', '| the user gets a workspace', time(limits.SESSION_CHECK_MS)],
    ['troubleshooting.md', '`the session hook does not answer`', `longer than ${fallback(sessionTimeoutMs)}`],
    ['troubleshooting.md', '| `expired` |', time(limits.CURSOR_EXPIRY_MS), minutes(limits.CONTACT_MS)],
    ['schema.md', '| `maxBytes` |', count(limits.ROW_BYTES_LIMIT), `${count(limits.ROW_MAX_BYTES)} (${size(limits.ROW_MAX_BYTES)})`],
    ['backends.md', '| `forgottenWriters(known)` |', count(MEMORIES_PER_USER), size(MEMORIES_MAX_TEXT)],
    ['glossary.md', '| **conflict** |', time(limits.CONFLICT_RETENTION_MS)],
    ['hooks.md', '| `sync.queue:action:full` |', `${count(limits.QUEUE_FULL_OPS)} edits`],
    ['hooks.md', '| `sync.rescan:action:starting` |', `${count(limits.RESCANS_IN_A_ROW)} `, time(limits.RESCAN_WINDOW_MS, 's')],
    ['hooks.md', '| `sync.gc:action:completed` |', time(limits.CLEAR_FIRST_MS), minutes(limits.CLEAR_INTERVAL_MS)],
  ]
}

function ofConvex(): Stated[] {
  return [
    ['convex.md', '`updateDeviceCursor` at most', time(limits.CURSOR_REPORT_MS), minutes(limits.CONTACT_MS)],
    ['convex-functions.md', '| `schema` |', size(convex.CONVEX_ROW_MAX_BYTES)],
    ['convex-functions.md', '| a batch |', `${count(limits.CONVEX_PUSH_MAX_OPS)} ops`, size(limits.CONVEX_PUSH_MAX_BYTES), size(limits.CONVEX_REPLACED_BYTES)],
    ['convex-functions.md', '| a page |', `${count(convex.PULL_MAX_ROWS)} rows`, size(limits.PULL_PAGE_BYTES), count(convex.PULL_MAX_SCAN)],
    ['convex-functions.md', '| the last answers to the writers', size(convex.MEMORIES_MAX_READ_BYTES)],
    ['convex-functions.md', '| the last answer to a device', `${convex.MEMORY_MAX_BYTES / 1_000} kB`, `${convex.MEMORY_MAX_WINNER_TEXT / 1_024} Ki`],
    ['convex-functions.md', '| a run of `gc` |', `${count(convex.GC_MAX_DEVICES)} devices`, `${count(convex.GC_MAX_TOMBSTONES)} tombstones`],
    ['convex-functions.md', '| a run of `erase` |', count(convex.ERASE_MAX_ROWS), size(convex.ERASE_MAX_BYTES), size(convex.GC_MAX_RESULTS_BYTES)],
  ]
}
