import { createExclusion } from '../../core/sync/context/exclusion'
import { storedRows, type StoredRow } from '../../core/sync/records/stored-rows'
import { recordKey } from '../../shared/sync/protocol/record-key'
import type { SyncTable } from '../../shared/sync/schema/sync-schema'
import type { WhyFacts } from '../why/why-facts'
import { readCursor } from './read-overview'
import { databaseOf, type SourceParts } from './source-parts'

/** Reads everything that decides whether a record is synced. */
export async function readWhyFacts(parts: SourceParts, tableName: string, pk: string): Promise<WhyFacts> {
  const { client, schema, hooks, states, diagnosis } = parts
  const db = databaseOf(parts)
  const table = Object.hasOwn(schema.tables, tableName) ? schema.tables[tableName] : undefined
  const [row, tombstone, records, quarantined, conflicts, cursor, diagnostics] = await Promise.all([
    table && db.transaction('r', [tableName], () => storedRows(db, tableName).get(pk)),
    db.tombstones.get([tableName, pk]), db.pending_ops.toArray(), db.sync_quarantine.get([tableName, pk]),
    db.sync_conflicts.filter(each => each.tableName === tableName && each.pk === pk).toArray(), readCursor(parts), client.engine.value?.diagnostics(),
  ])
  return {
    tableName, pk, table, tableNames: Object.keys(schema.tables), sync: { ...client.status }, session: client.session && { ...client.session.state },
    row, tombstone, quarantined, conflict: conflicts[0],
    waiting: records.filter(record => record.tableName === tableName && record.ops.some(op => op.pk === pk)),
    exclusion: row && table ? exclusionOf(createExclusion(hooks), table, row) : false,
    isSending: states.of('why', [[tableName, pk]]).get(recordKey(tableName, pk))?.name === 'sending',
    breakers: diagnostics?.breakers ?? { push: 0, pull: 0 }, nextRetryAt: diagnosis?.log.nextRetryAt ?? null,
    isTableFetched: cursor?.tables.includes(tableName) === true, now: Date.now(),
  }
}

function exclusionOf(isExcluded: ReturnType<typeof createExclusion>, table: SyncTable, row: StoredRow): WhyFacts['exclusion'] {
  try { return isExcluded(table, row) }
  catch (error) { return { error: error instanceof Error ? error.message : String(error) } }
}
