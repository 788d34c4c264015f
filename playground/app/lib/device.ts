import { liveQuery } from 'dexie'
import { createSyncEngine, GatewaySyncProvider, type ConflictRecord, type SyncEngineSession, type SyncStatus } from 'or3-sync/client'
import schema from '~~/playground/shared/sync.schema'
import { SwitchedNetwork } from './switched-network'

/** A browser has at most two event streams to a server, and this page wants three. The others ask so often, in milliseconds. */
const POLL_MS = 500

/** A row of `todos`. */
export interface Todo { id: string, text: string, done?: boolean, created_at?: number }

/**
 * A device of its own in this page: an engine with its own database and its own network. Call it in `setup`; when the component is gone, it stops.
 * If everything was sent by then, its database is deleted.
 */
export function openDevice(session: SyncEngineSession, databaseName: string) {
  const network = new SwitchedNetwork()
  const engine = createSyncEngine({
    schema,
    session,
    databaseName,
    provider: () => new GatewaySyncProvider({ fetch: network.fetch, pollIntervalMs: POLL_MS }),
    environment: { isOnline: () => network.isOn && navigator.onLine, onWake: network.onSwitchedOn },
  })
  const status = shallowRef<SyncStatus>(engine.status.get())
  const todos = shallowRef<Todo[]>()
  const conflicts = shallowRef<ConflictRecord[]>([])
  const isOnline = ref(true)
  const problem = shallowRef<unknown>(null)
  watch(isOnline, (isOn) => { network.isOn = isOn })

  const ends = [
    engine.status.subscribe((now) => { status.value = now }),
    follow(liveQuery(() => engine.db.todos.orderBy('created_at').toArray()), (rows) => { todos.value = rows }),
    follow(liveQuery(() => engine.conflicts.list()), (list) => { conflicts.value = list }),
  ]
  engine.start().catch((error: unknown) => { problem.value = error })

  onScopeDispose(() => {
    for (const end of ends) end()
    void close()
  })

  async function close() {
    const { pendingCount, failedCount } = engine.status.get()
    await engine.close()
    if (pendingCount + failedCount === 0) await engine.db.delete()
  }

  return { db: engine.db, queue: engine.queue, engineConflicts: engine.conflicts, status, todos, conflicts, isOnline, problem }
}

function follow<T>(query: { subscribe: (next: (value: T) => void, onError: () => void) => { unsubscribe: () => void } }, next: (value: T) => void): () => void {
  // After an error the list stays as it is.
  const subscription = query.subscribe(next, () => {})
  return () => subscription.unsubscribe()
}
