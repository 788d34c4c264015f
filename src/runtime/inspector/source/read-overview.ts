import type { CursorState } from '../../core/sync/records/engine-records'
import { plainText } from '../../shared/sync/errors/plain-text'
import { REASONS } from '../../shared/sync/errors/reason-entries'
import { PROTOCOL_VERSION } from '../../shared/sync/protocol/limits'
import { ENGINE_FORMAT } from '../../shared/sync/schema/engine-tables'
import type { InspectorOverview, InspectorTable } from './inspector-source'
import { databaseOf, type SourceParts } from './source-parts'

/** Everything at a glance. */
export async function readOverview(parts: SourceParts): Promise<InspectorOverview> {
  const { client, diagnosis, schema, moduleVersion } = parts
  const [counts, tables, cursor] = await Promise.all([readCounts(parts), readTables(parts), readCursor(parts)])
  const sync = { ...client.status }
  return {
    versions: { module: moduleVersion, schema: schema.version, protocol: PROTOCOL_VERSION, format: ENGINE_FORMAT },
    sync, reasonWords: sync.reason && plainText(`${REASONS[sync.reason].cause} ${REASONS[sync.reason].fix}`), session: sessionOf(parts),
    engine: await engineOf(parts, cursor?.epoch ?? null),
    counts, tables, rescans: [...diagnosis?.log.rescans ?? []],
  }
}

function sessionOf({ client: { session } }: SourceParts): InspectorOverview['session'] {
  if (!session) return { status: 'off', userId: null, workspaceId: null, role: null, workspaces: [] }
  const { status, userId, workspaceId, role, workspaces } = session.state
  return { status, userId, workspaceId, role, workspaces: workspaces.map(({ id, name }) => name ?? id) }
}

async function engineOf({ client, diagnosis, link }: SourceParts, epoch: string | null): Promise<InspectorOverview['engine']> {
  const engine = client.engine.value
  if (!engine) return null
  const { provider, subscription, isPushing, breakers, serverTimeOffsetMs, persisted, database, deviceId } = await engine.diagnostics()
  return {
    provider, subscription, isPushing, breakers, clockOffsetMs: serverTimeOffsetMs, persisted, database, deviceId, epoch, nextRetryAt: diagnosis?.log.nextRetryAt ?? null,
    transport: transportWords(provider, engine.status.get().isLeader, link.transport),
  }
}

function transportWords(provider: string, isLeader: boolean, transport: SourceParts['link']['transport']): string {
  if (provider !== 'gateway') return `that of the provider "${provider}"`
  if (!isLeader) return 'see the leading tab'
  return { 'none': 'none yet', 'event stream': 'event stream', 'pulls': 'polling' }[transport]
}

async function readCounts(parts: SourceParts): Promise<InspectorOverview['counts']> {
  const db = databaseOf(parts)
  const { pendingCount, failedCount } = parts.client.status
  const [held, conflicts, quarantined, tombstones] = await Promise.all([
    db.pending_ops.where('status').equals('held').count(), db.sync_conflicts.count(), db.sync_quarantine.count(), db.tombstones.count(),
  ])
  return { pending: pendingCount, held, failed: failedCount, conflicts, quarantined, tombstones }
}

export async function readCursor(parts: SourceParts): Promise<CursorState | undefined> {
  return await databaseOf(parts).sync_state.get('cursor') as CursorState | undefined
}

async function readTables(parts: SourceParts): Promise<InspectorTable[]> {
  const db = databaseOf(parts)
  const names = Object.keys(parts.schema.tables)
  const [cursor, records, quarantined, ...rows] = await Promise.all([
    readCursor(parts), db.pending_ops.toArray(), db.sync_quarantine.orderBy('[tableName+pk]').primaryKeys(), ...names.map(name => db.table(name).count()),
  ])
  return names.map((name, index) => {
    const own = records.filter(({ tableName }) => tableName === name)
    const opsOf = (isFailed: boolean) => own.filter(({ status }) => (status === 'failed') === isFailed).reduce((sum, { ops }) => sum + ops.length, 0)
    return {
      name, rows: rows[index]!, version: cursor?.tables.includes(name) ? cursor.cursor : null, epoch: cursor?.epochs?.[name] ?? cursor?.epoch ?? null,
      pending: opsOf(false), failed: opsOf(true), quarantined: quarantined.filter(([tableName]) => tableName === name).length,
    }
  })
}
