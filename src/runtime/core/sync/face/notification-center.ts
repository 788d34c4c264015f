import type { NotificationRecord, EngineDatabase } from '../records/engine-database'
import type { SyncEnvironment } from '../environment/environment'
import type { SyncHooks } from '../context/sync-hooks'
import { conflictId } from '../records/conflict-id'
import { NoticeRules } from './notice-rules'

export interface NotificationCenterOptions {
  hooks: SyncHooks
  env: Pick<SyncEnvironment, 'clock' | 'uuid' | 'log'>
  /** The database in which notices are stored at this moment. */
  db: () => EngineDatabase
  /** Epoch milliseconds by the store's clock. Default: this device's own. */
  storeTime?: () => number
}

/** Turns events of the engine into notices for the user, stored on this device. @returns a function that ends this. */
export function listenForNotices({ hooks, env, db, storeTime = env.clock.now }: NotificationCenterOptions): () => void {
  const rules = new NoticeRules({ now: storeTime, log: env.log })
  const notify = (notice: Pick<NotificationRecord, 'type' | 'title' | 'body' | 'actions'>) => {
    db().sync_notifications.add({ ...notice, id: env.uuid(), read: 0, createdAt: env.clock.now() })
      .catch((error: unknown) => env.log.warn('A notice could not be stored', error))
  }
  const pause = () => rules.pause()
  const resume = () => rules.resume()
  const stops = [
    hooks.addAction('sync.bootstrap:action:start', pause),
    hooks.addAction('sync.bootstrap:action:complete', resume),
    hooks.addAction('sync.bootstrap:action:error', resume),
    hooks.addAction('sync.rescan:action:starting', pause),
    hooks.addAction('sync.rescan:action:completed', resume),
    // A rescan has no hook for its failure; this one fires for whatever stops catching up.
    hooks.addAction('sync.pull:action:error', resume),
    hooks.addAction('sync.subscription:action:statusChange', ({ status }) => { if (status === 'disconnected') resume() }),
    hooks.addAction('sync.conflict:action:detected', ({ tableName, pk, winner, local, remote }) => {
      if (!rules.allows(`conflict:${tableName}:${pk}:${winner}`, remote.hlc)) return
      notify({
        type: 'sync.conflict',
        title: 'Sync conflict resolved',
        body: winner === 'local' ? `Your edit in ${tableName} was kept; another one was made at the same time.` : `Another edit in ${tableName} was kept; yours was made at the same time.`,
        actions: [{ label: 'Details', kind: 'conflict', data: { tableName, pk, id: conflictId(tableName, pk, remote, local) } }],
      })
    }),
    hooks.addAction('sync.error:action', ({ op, error, permanent }) => {
      if (!permanent || !rules.allows(`error:${op?.tableName}:${op?.pk}:${error.message}`)) return
      notify({ type: 'system.warning', title: 'Sync error', body: op ? `An edit in ${op.tableName} was refused: ${error.message}` : error.message })
    }),
  ]
  return () => { for (const stop of stops) stop() }
}
