import type { OutboxOp, OutboxRecord } from '../../core/sync/records/engine-records'
import type { RecordName } from '../../core/sync/records/record-name'
import { recordKey } from '../../shared/sync/protocol/record-key'
import { refusalCure } from '../why/refusal-cures'
import type { InspectorEdit } from './inspector-source'
import { toJsonRow } from './json-row'
import { databaseOf, type SourceParts } from './source-parts'

/** At most so many edits are shown; a bulk write may have made far more. */
const MOST = 500

/** The edits of the outbox, oldest first. */
export async function readOutbox(parts: SourceParts): Promise<InspectorEdit[]> {
  const db = databaseOf(parts)
  const [records, items] = await Promise.all([db.pending_ops.toArray(), parts.client.engine.value?.queue.all()])
  const attempts = new Map([...items?.pending ?? [], ...items?.failed ?? []].map(item => [item.id, item.attempts]))
  // Refused edits are always among them: somebody has to look at these.
  const shown = [...records.filter(({ status }) => status === 'failed'), ...records.filter(({ status }) => status !== 'failed')]
    .flatMap(record => record.ops.map(op => ({ record, op }))).slice(0, MOST)
  const names = shown.map(({ record, op }): RecordName => [record.tableName, op.pk])
  const states = parts.states.of('outbox', names)
  const rows = await readRowsOf(parts, names)
  const edits = shown.map(({ record, op }) => {
    const key = recordKey(record.tableName, op.pk)
    return toEdit(record, op, { attempts: attempts.get(op.opId) ?? 0, isSending: states.get(key)?.name === 'sending', row: rows.get(key) })
  })
  return edits.sort((a, b) => a.createdAt - b.createdAt)
}

function toEdit(record: OutboxRecord, op: OutboxOp, { attempts, isSending, row }: { attempts: number, isSending: boolean, row: Record<string, unknown> | undefined }): InspectorEdit {
  const reason = record.failure ?? op.aside
  const state = record.status !== 'pending' ? record.status : op.aside ? 'aside' : isSending ? 'sending' : 'pending'
  const shown = op.op === 'delete' ? undefined : record.failure?.row ?? row
  return {
    id: op.opId, tableName: record.tableName, pk: op.pk, operation: op.op, state,
    attempts: record.failure?.attempts ?? attempts, clock: op.clock, createdAt: record.createdAt,
    ...reason && { code: reason.code, error: reason.message },
    ...record.status === 'failed' && { cure: refusalCure(record.failure?.code) },
    ...shown && { row: toJsonRow(shown) },
  }
}

/** The rows of these records as they are now, by `recordKey`. */
async function readRowsOf(parts: SourceParts, names: readonly RecordName[]): Promise<Map<string, Record<string, unknown>>> {
  const db = databaseOf(parts)
  const found = new Map<string, Record<string, unknown>>()
  const tables = [...new Set(names.map(([table]) => table))].filter(table => Object.hasOwn(parts.schema.tables, table))
  for (const table of tables) {
    const pks = [...new Set(names.filter(([name]) => name === table).map(([, pk]) => pk))]
    const rows = await db.table<Record<string, unknown>, string>(table).bulkGet(pks)
    rows.forEach((row, index) => { if (row) found.set(recordKey(table, pks[index]!), row) })
  }
  return found
}
