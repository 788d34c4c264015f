import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { PushLimits, WirePayload } from '#or3-sync/shared/sync/protocol/types'
import { utf8Length } from '#or3-sync/shared/sync/protocol/utf8-length'
import { toStoredRow } from '#or3-sync/shared/sync/rows/stored-row'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { tablesOnWire } from '#or3-sync/shared/sync/schema/wire-names'
import type { WriteRefusal } from '#or3-sync/shared/sync/store/plan-write'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { ServerEdit } from '#or3-sync/shared/sync/store/server-edit'
import type { BackendWriteOutcome } from '../backends/backend'
import { checkWorkspace, invalid, typeName } from './find-table'
import { pushLimits } from './push-limits'
import { readEdits } from './read-edits'
import type { ServiceParts } from './service-parts'
import type { WrittenRows } from './table-edits'
import { toServiceError } from './to-service-error'

/** The caller has decided that this may be written. */
export interface WriteRequest {
  workspaceId: string
  /** Checked here: `TableEdit`s. */
  edits: readonly unknown[]
  /** For those who are told of the change. Default: nobody. */
  as?: string
}

type StoredFields = Record<string, unknown>

/**
 * Writes rows for the server itself, in one transaction of the store. See `RowAccess.write`.
 *
 * @throws SyncError
 */
export async function writeRows(parts: Pick<ServiceParts, 'backend' | 'schema' | 'now' | 'onApplied'>, { workspaceId, edits, as }: WriteRequest): Promise<WrittenRows<(StoredFields | null)[]>> {
  const { backend, schema } = parts
  checkWorkspace(workspaceId)
  if (as !== undefined && typeof as !== 'string') throw invalid(`as: must be a user id, not ${typeName(as)}`)
  if (!Array.isArray(edits)) throw invalid(`edits: must be a list of edits, not ${typeName(edits)}`)
  const limits = pushLimits(backend)
  // Before they are read: somebody may hand over a million.
  if (edits.length > limits.ops) throw new SyncError('OVERSIZED', `one write to this store has at most ${limits.ops} edits, this one has ${edits.length}; write them in parts`, { index: limits.ops })
  const read = readEdits(edits, schema)
  checkBytes(limits, read)
  const outcome = await backend.write({ workspaceId, edits: read, schema, now: parts.now() }).catch((error: unknown): BackendWriteOutcome => { throw toServiceError(error) })
  if (!outcome.ok) throw refusalError(outcome, read, schema)
  if (outcome.writes.length > 0) void parts.onApplied?.({ workspaceId, userId: as ?? null, rows: outcome.writes, previous: outcome.previous })
  return { serverVersion: outcome.version, rows: read.map((edit, index) => answerRow(schema, edit, outcome.rows[index]!)) }
}

/** The bytes of a single edit are left to its table's `maxBytes`. */
function checkBytes(limits: PushLimits, edits: readonly ServerEdit[]): void {
  if (edits.length < 2) return
  let bytes = 0
  for (const [index, { payload }] of edits.entries()) {
    bytes += payload ? utf8Length(JSON.stringify(payload)) : 0
    if (bytes > limits.bytes) throw new SyncError('OVERSIZED', `one write to this store has at most ${limits.bytes} bytes of rows; write them in parts`, { index })
  }
}

function refusalError({ code, message, index, field }: WriteRefusal, edits: readonly ServerEdit[], schema: SyncSchema): SyncError {
  const { tableName, pk } = edits[index]!
  return new SyncError(code, message, { index, table: tablesOnWire(schema).get(tableName)?.name, pk, field })
}

function answerRow(schema: SyncSchema, { kind, tableName }: ServerEdit, row: RecordRow | null): StoredFields | null {
  if (kind === 'delete' || !row?.payload) return null
  return toStoredRow(tablesOnWire(schema).get(tableName)!, JSON.parse(row.payload) as WirePayload, row.stamp)
}
