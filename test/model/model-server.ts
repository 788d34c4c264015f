import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import type { AcceptedOp } from '#or3-sync/shared/sync/store/push-item'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { SyncChange } from '#or3-sync/shared/sync/protocol/types'
import type { FeedPageState, ModelState, ServerState } from './model-state'
import type { SmallCaseRules } from './small-case-rules'
import { toStoredRevision } from './to-stored-revision'

/** Later than any time in the model: no clock is ahead of the store's. */
const NOW = 2 ** 45

/** The store takes one op, as every backend does: read, fold, write. */
export function storeOp(state: ModelState, op: AcceptedOp, rules: SmallCaseRules): { server: ServerState, result: FoldedResult } {
  const { server } = state
  const rows = new Map<string, RecordRow>(server.row ? [[recordKey(op.tableName, op.pk), server.row]] : [])
  const fold = rules.foldPush({ version: server.version, rows, items: [op], remembered: server.memories, now: NOW })
  if (fold.status !== 'folded') throw new Error('one op always fits')
  const memories = fold.remembered.size ? new Map([...server.memories, ...fold.remembered]) : server.memories
  return { server: { ...server, version: fold.version, row: fold.writes[0] ?? server.row, memories }, result: fold.results[0]! }
}

/** The feed from a cursor up, for one record. */
export function readFeed({ row, version, floor }: ServerState, from: number, rules: SmallCaseRules): FeedPageState {
  if (from > version || (rules.guardsFloor && from < floor)) return { from, nextCursor: from, change: null, requiresRescan: true }
  const change = row && row.serverVersion > from && !row.collected ? asSyncChange(row) : null
  return { from, nextCursor: version, change, requiresRescan: false }
}

/** Everything there is, tombstones left out. */
export function readAll({ row, version }: ServerState): { change: SyncChange | null, target: number } {
  return { change: row?.op === 'put' ? asSyncChange(row) : null, target: version }
}

/** Takes the tombstone out of the feed, whoever has seen it: as if it were older than the retention. */
export function collect(server: ServerState, rules: SmallCaseRules): ServerState | null {
  const { row } = server
  if (row?.op !== 'delete' || row.collected) return null
  return { ...server, floor: Math.max(server.floor, row.serverVersion), row: rules.keepsRevisions ? { ...row, collected: true } : null }
}

function asSyncChange(row: RecordRow): SyncChange {
  return { tableName: row.tableName, pk: row.pk, ...toStoredRevision(row) }
}
