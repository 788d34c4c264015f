import { ENGINE_FORMAT } from '../../../shared/sync/schema/engine-tables'
import type { SubscriptionStatus, SyncScope } from '../../../shared/sync/protocol/types'
import type { EngineContext } from '../context/engine-context'
import type { SyncStatus } from '../context/sync-status'

/** What support needs to know. There is no row in it. */
export interface SyncDiagnostics {
  database: string
  deviceId: string
  format: number
  provider: string
  scope: SyncScope
  status: SyncStatus
  subscription: SubscriptionStatus
  /** How many rows each table of the app has. */
  tables: Record<string, number>
  conflicts: number
  quarantined: number
  tombstones: number
  hlc: string | null
  serverTimeOffsetMs: number
  /** Whether this tab is sending edits. */
  isPushing: boolean
  /** How long the circuit breakers of this tab let nothing through, in milliseconds. 0: they do. */
  breakers: { push: number, pull: number }
  /** Whether the browser has promised to keep this origin's data. Null: it was not asked, or could not be. */
  persisted: boolean | null
}

/** What only the supervisor knows. */
export type EngineState = Pick<SyncDiagnostics, 'status' | 'subscription' | 'serverTimeOffsetMs' | 'persisted' | 'isPushing' | 'breakers'>

export async function collectDiagnostics({ db, deviceId, provider, scope, appTables, hlc }: EngineContext, state: EngineState): Promise<SyncDiagnostics> {
  const counts = await Promise.all(appTables.map(async (table): Promise<[string, number]> => [table.name, await table.count()]))
  return {
    ...state,
    database: db.name,
    deviceId: deviceId(),
    format: ENGINE_FORMAT,
    provider: provider.id,
    scope,
    tables: Object.fromEntries(counts),
    conflicts: await db.sync_conflicts.count(),
    quarantined: await db.sync_quarantine.count(),
    tombstones: await db.tombstones.count(),
    hlc: hlc.last(),
  }
}
