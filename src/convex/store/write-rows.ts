import type { StandardSchemaV1 } from '@standard-schema/spec'
import { addCommit, decodeHistory } from '#or3-sync/shared/sync/store/commit-history'
import { CONVEX_LIMITS } from '#or3-sync/shared/sync/protocol/limits'
import { planWrite, writeRefusal } from '#or3-sync/shared/sync/store/plan-write'
import type { PlannedWrite, WriteInput, WritePlan, WriteRefusal } from '#or3-sync/shared/sync/store/plan-write'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { ServerEdit } from '#or3-sync/shared/sync/store/server-edit'
import { refuse } from '../refuse'
import type { SyncFunctionOptions } from '../sync-options'
import { findCounter } from './find-counter'
import { materializeRows } from './materialize-rows'
import { readDocs } from './read-batch'
import type { SyncDoc, SyncReader, SyncWriter } from './sync-data-model'
import { toRow } from './to-row'
import { writeBatch } from './write-batch'

export interface ConvexWrite {
  workspaceId: string
  /** Each record once. */
  edits: readonly ServerEdit[]
  /** Epoch milliseconds. */
  now: number
}

/**
 * A write of the server's own in the mutation's transaction: reads, lets `planWrite` decide, and writes all of it or nothing.
 *
 * @throws ConvexError `VALIDATION_ERROR` with the `index` of the edit when a table of the app's does not take its row. Convex then takes back
 * what was written to that table before.
 */
export async function writeRows<Tables extends Record<string, StandardSchemaV1>>(
  db: SyncWriter,
  { schema, materialize }: Pick<SyncFunctionOptions<never, Tables>, 'schema' | 'materialize'>,
  { workspaceId, edits, now }: ConvexWrite,
): Promise<WritePlan> {
  const [counter, docs] = await Promise.all([findCounter(db, workspaceId), readDocs(db, workspaceId, edits)])
  const input: Omit<WriteInput, 'rows'> = {
    schema: schema as SyncSchema, edits, version: counter?.value ?? 0, writer: counter?.hand ?? null, now, limits: CONVEX_LIMITS,
  }
  const tooMuch = replacesTooMuch(input, docs)
  if (tooMuch) return tooMuch
  const plan = planWrite({ ...input, rows: await readRows(db, docs) })
  if (!plan.ok || plan.writes.length === 0) return plan
  await followInTables(db, { schema, materialize, workspaceId }, input, plan)
  const commits = addCommit(decodeHistory(counter?.commits), plan.version, now)
  await writeBatch(db, { counter, docs }, { ...plan, commits, hand: plan.writer! }, { workspaceId, now })
  return plan
}

/**
 * Refuses a write that replaces more than fits into one transaction, before the payloads are read. A repeated write is only answered, and
 * replaces nothing.
 */
function replacesTooMuch(input: Omit<WriteInput, 'rows'>, docs: ReadonlyMap<string, SyncDoc<'change_log'>>): WriteRefusal | null {
  const found = input.edits.map(({ tableName, pk }) => docs.get(recordKey(tableName, pk)))
  if (found.length < 2 || found.some((doc, index) => doc?.op_id === input.edits[index]!.opId)) return null
  let bytes = 0
  const index = found.findIndex((doc) => {
    bytes += doc?.payload_bytes ?? 0
    return bytes > CONVEX_LIMITS.replacedBytes
  })
  return index < 0 ? null : writeRefusal(input, index, 'OVERSIZED', `one write replaces rows of at most ${CONVEX_LIMITS.replacedBytes} bytes together; write them in parts`)
}

async function readRows(db: SyncReader, docs: ReadonlyMap<string, SyncDoc<'change_log'>>): Promise<Map<string, RecordRow>> {
  return new Map(await Promise.all([...docs].map(async ([key, doc]) => [key, await readRow(db, doc)] as const)))
}

/** A record with its payload. */
export async function readRow(db: SyncReader, doc: SyncDoc<'change_log'>): Promise<RecordRow> {
  const payload = doc.payload_id === undefined ? null : await db.get(doc.payload_id)
  return toRow(doc, payload?.json ?? null)
}

async function followInTables<Tables extends Record<string, StandardSchemaV1>>(
  db: SyncWriter,
  { schema, materialize, workspaceId }: Pick<SyncFunctionOptions<never, Tables>, 'schema' | 'materialize'> & { workspaceId: string },
  input: Omit<WriteInput, 'rows'>,
  { writes }: PlannedWrite,
): Promise<void> {
  const refused = await materializeRows(db, { schema, targets: materialize, workspaceId, writes })
  const index = input.edits.findIndex(({ tableName, pk }) => refused.has(recordKey(tableName, pk)))
  if (index < 0) return
  const { tableName, pk } = input.edits[index]!
  const { message } = writeRefusal(input, index, 'VALIDATION_ERROR', refused.get(recordKey(tableName, pk))!.error)
  throw refuse('VALIDATION_ERROR', message, { index: String(index) })
}
