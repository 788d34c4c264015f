import Dexie from 'dexie'
import { watch } from 'vue'
import { SyncError } from '../../shared/sync/protocol/errors'
import type { SyncActions } from '../../core/sync/context/sync-hooks'
import type { AppEngine } from '../../app/app-types'
import type { QuarantineRecord } from '../../core/sync/records/engine-records'
import { DESCRIBE_EVENT } from '../record/event-words'
import { describeEvents } from '../record/timeline'
import { explainRecord } from '../why/why-chain'
import { FollowedStates } from './followed-states'
import { fromJsonRow, toJsonRow } from './json-row'
import type { InspectorConflict, InspectorQuarantined, InspectorSide, InspectorSource } from './inspector-source'
import { makeReport } from './make-report'
import { readOutbox } from './read-outbox'
import { readOverview } from './read-overview'
import { readRow, readRows } from './read-rows'
import { readWhyFacts } from './read-why'
import { databaseOf, type SourceParts } from './source-parts'

/** The inspector is told of changes at most this often, in milliseconds. */
const PACE_MS = 250

/** The source of the inspector for the engine of this page. */
export function createSource(options: Omit<SourceParts, 'states'>): InspectorSource {
  const { client, schema, diagnosis, link, isDev } = options
  const changes = pacedChanges(options, () => states.stop())
  const states = new FollowedStates({ engine: () => client.engine.value, onChange: changes.tell })
  const parts: SourceParts = { ...options, states }
  const engine = () => engineOf(client.engine.value)
  const checkCanChange = () => {
    if (!isDev) throw new SyncError('READ_ONLY', 'the inspector changes rows and the network in development only')
  }
  return {
    canChange: isDev,
    tableNames: Object.keys(schema.tables),
    onChange: changes.on,
    overview: () => readOverview(parts),
    outbox: () => readOutbox(parts),
    retry: async id => await engine().queue.retry(id),
    discard: async id => await engine().queue.discard(id),
    exportFailed: async () => await engine().queue.exportFailed(),
    conflicts: async () => (await client.engine.value?.conflicts.list() ?? []).map(({ local, remote, ...conflict }): InspectorConflict => ({ ...conflict, local: toSide(local), remote: toSide(remote) })),
    restore: async id => await engine().conflicts.restore(id),
    dismiss: async id => await engine().conflicts.dismiss(id),
    quarantine: async () => (await databaseOf(parts).sync_quarantine.toArray()).map(toQuarantined),
    rows: async (tableName, range) => await readRows(parts, tableName, range),
    row: async (tableName, pk) => await readRow(parts, tableName, pk),
    write: async (tableName, row) => {
      checkCanChange()
      await databaseOf(parts).table(tableName).put(fromJsonRow(row))
    },
    timeline: async () => describeEvents(diagnosis?.log.events ?? []),
    clearTimeline: async () => diagnosis?.log.clear(),
    why: async (tableName, pk) => explainRecord(await readWhyFacts(parts, tableName, pk)),
    network: async () => link.mode,
    setNetwork: async (mode) => {
      checkCanChange()
      link.mode = mode
      changes.tell()
      // Back to work at once, as when a network comes back.
      if (mode === 'online' || mode === 'slow') await client.engine.value?.flush()
    },
    report: () => makeReport(parts),
    flush: async () => await engine().flush(),
    rescan: async () => await engine().rescan(),
    refreshSession: async () => await client.session?.refresh(),
  }
}

function engineOf(engine: AppEngine | null): AppEngine {
  if (!engine) throw new SyncError('SYNC_DISABLED', 'sync is off: there is no engine')
  return engine
}

function toSide({ row, ...side }: InspectorConflict['local'] | { row?: Record<string, unknown> } & Omit<InspectorSide, 'row'>): InspectorSide {
  return { ...side, ...row && { row: toJsonRow(row) } }
}

function toQuarantined({ change: { op, serverVersion, stamp, payload }, ...record }: QuarantineRecord): InspectorQuarantined {
  return { ...record, op, serverVersion, deviceId: stamp.deviceId, ...payload && { row: payload } }
}

/**
 * Tells the listeners, at most every {@link PACE_MS}, that the database, the status or the session has changed, or the engine tells of an event. `onUnheard`: nobody
 * listens any more.
 */
function pacedChanges({ client, hooks }: Pick<SourceParts, 'client' | 'hooks'>, onUnheard: () => void) {
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let stop: (() => void) | undefined
  const tell = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      for (const listener of [...listeners]) listener()
    }, PACE_MS)
  }
  const start = () => {
    const stops = [
      watch([() => ({ ...client.status }), () => ({ ...client.session?.state }), client.db], tell),
      ...(Object.keys(DESCRIBE_EVENT) as (keyof SyncActions)[]).map(name => hooks.addAction(name, tell)),
    ]
    Dexie.on('storagemutated', tell)
    return () => {
      for (const each of stops) each()
      Dexie.on.storagemutated.unsubscribe(tell)
    }
  }
  const on = (listener: () => void) => {
    stop ??= start()
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size) return
      stop?.()
      stop = undefined
      onUnheard()
    }
  }
  return { tell, on }
}
