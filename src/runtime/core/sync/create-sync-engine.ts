import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { DexieOptions } from 'dexie'
import { SyncError } from '../../shared/sync/protocol/errors'
import type { SyncSchema } from '../../shared/sync/schema/sync-schema'
import type { SyncProvider, SyncRole, SyncScope } from '../../shared/sync/protocol/types'
import type { SyncDatabase } from './records/engine-database'
import { databaseName, LOCAL_DATABASE_NAME } from './database/sync-database'
import { createEnvironment, type SyncEnvironment } from './environment/environment'
import { untilAnswered } from './environment/until-answered'
import { createExclusion } from './context/exclusion'
import { loadSyncCode } from './life/load-sync-code'
import { LocalStore } from './life/local-store'
import { ASKED_FOR } from './pull/rescan-reasons'
import type { SyncConflicts } from './face/sync-conflicts'
import { createSyncHooks, type SyncHooks } from './context/sync-hooks'
import type { RowState } from './face/row-state'
import type { SyncQueue } from './face/sync-queue'
import type { SyncDiagnostics } from './face/sync-diagnostics'
import { SyncSupervisor } from './life/sync-supervisor'
import type { Observable, SyncStatus } from './context/sync-status'

export interface SyncEngineSession {
  userId: string
  workspaceId: string
  projectId?: string
  /** Local writes reject with `READ_ONLY` unless it is `owner` or `editor`. Default: `editor`. */
  role?: SyncRole
}

/** How long `close()` waits for the provider's `dispose()`, in milliseconds. */
const DISPOSE_MS = 5_000

export interface SyncEngineOptions<T extends Record<string, StandardSchemaV1>> {
  schema: SyncSchema<T>
  /**
   * Who is signed in, and in which workspace. With a promise, the database can be used at once, and its first operations wait for the promise.
   * Null: nobody is signed in, and no edits are captured.
   */
  session: SyncEngineSession | null | Promise<SyncEngineSession | null>
  /** A function is called at each start. A provider that is passed itself belongs to this engine: `close()` disposes of it. */
  provider: SyncProvider | (() => SyncProvider)
  /** Default: new hooks for this engine alone. */
  hooks?: SyncHooks
  /** Clock, timers, locks, channels and so on. Default: the browser's own. */
  environment?: Partial<SyncEnvironment>
  /** For tests and Node: an IndexedDB implementation. Default: the global one. */
  indexedDB?: DexieOptions['indexedDB']
  IDBKeyRange?: DexieOptions['IDBKeyRange']
  /** Default: `or3-db-<userId>-<workspaceId>`. */
  databaseName?: string
  /** Called when the store says that workspaces or roles of this user have changed. */
  onMembershipsChanged?: () => void
}

export interface SyncEngine<T extends Record<string, StandardSchemaV1> = Record<string, StandardSchemaV1>> {
  /** The Dexie database. It captures every write from its creation on, whether or not the engine runs. */
  readonly db: SyncDatabase<T>
  readonly hooks: SyncHooks
  readonly status: Observable<SyncStatus>
  readonly queue: SyncQueue
  readonly conflicts: SyncConflicts
  /**
   * Begins to sync. Resolves when the database is open. Does nothing if the engine runs already. Rejects with `UNAUTHORIZED` when nobody is
   * signed in, `SYNC_DISABLED` after `close()`, `NEWER_DATABASE` when a newer version of the app has changed the database.
   */
  start: () => Promise<void>
  /** Stops syncing. Edits are still captured. Resolves when none of the engine's work is under way. */
  stop: () => Promise<void>
  isRunning: () => boolean
  /**
   * Sends what is due at once. In the leading tab it resolves when this was answered, or has failed or has to wait; in other tabs when the
   * leading tab was asked.
   */
  flush: () => Promise<void>
  /** Fetches everything again, and keeps local edits. Resolves when this was asked for, not when it is over. */
  rescan: () => Promise<void>
  /** Resolves when the store has acknowledged every edit that may be sent, and everything it had is here. */
  whenIdle: () => Promise<void>
  /**
   * Resolves when the edits of this row that wait now are stored or beaten: once they have left the outbox, also in a tab that does not lead. At once
   * when none waits. Edits that are made later do not delay it, unless they are sent in the place of those.
   *
   * Rejects with the refusal when one is refused, also earlier; with `HELD` when `capture` keeps it back; with `STOPPED` when sync does not run or
   * stops; with `DATABASE_REPLACED` when the database was deleted; with `NOT_FOUND` for an unknown table. Never await it inside a transaction: it
   * waits for the transaction's tables. There it rejects at once.
   */
  whenSynced: (tableName: string, pk: string) => Promise<void>
  /**
   * Resolves when a pull that began after this call has brought everything that the store had, and it is stored here. While the store cannot be
   * reached, it waits. Rejects when sync does not run (with the reason why it could not start, else `STOPPED`) or stops. Never await it inside
   * a transaction.
   */
  whenCaughtUp: () => Promise<void>
  /** How far a row is on its way to the store, as long as somebody is subscribed. Before that, and without such a row: `absent`. */
  rowState: (tableName: string, pk: string) => Observable<RowState>
  diagnostics: () => Promise<SyncDiagnostics>
  /** The store's time in epoch milliseconds, as far as it is known. HLCs are compared with this, not with the device's own clock. */
  storeTime: () => number
  /** Changes the role of this session. The queue stays as it is. */
  setRole: (role: SyncRole) => void
  /** Sets the `scope.projectId` of all requests and hooks from now on. Undefined or empty: none. */
  setProject: (projectId: string | undefined) => void
  /** Stops, closes the database, and disposes of a provider that was passed itself. A closed engine does not start again. */
  close: () => Promise<void>
}

/**
 * Makes the sync engine for a user and a workspace. It imports nothing of Nuxt or Vue: the module, a worker and a test can all use it.
 *
 * @throws SyncError `VALIDATION_ERROR` when `session.userId` or `session.workspaceId` is empty. Writes to `db` reject with `VALIDATION_ERROR` (a
 * value that cannot be synced), `READ_ONLY` or `NEWER_DATABASE`.
 */
export function createSyncEngine<T extends Record<string, StandardSchemaV1>>(options: SyncEngineOptions<T>): SyncEngine<T> {
  const env = createEnvironment(options.environment)
  const hooks = options.hooks ?? createSyncHooks(env.log)
  const schema = options.schema as unknown as SyncSchema
  const isExcluded = createExclusion(hooks)
  const scope: SyncScope = { workspaceId: '' }
  let userId = ''
  let role: SyncRole = 'editor'
  let signedIn = true
  const canWrite = () => role === 'owner' || role === 'editor'
  const setProject = (projectId: string | undefined) => {
    if (projectId) scope.projectId = projectId
    else delete scope.projectId
  }
  const takeSession = (session: SyncEngineSession | null) => {
    signedIn = session !== null
    if (!session) return LOCAL_DATABASE_NAME
    for (const key of ['userId', 'workspaceId'] as const) {
      if (typeof session[key] !== 'string' || !session[key]) throw new SyncError('VALIDATION_ERROR', `session.${key} must be a text that is not empty`)
    }
    // Null must not become `editor`: only undefined means the default.
    role = session.role === undefined ? 'editor' : session.role
    userId = session.userId
    scope.workspaceId = session.workspaceId
    setProject(session.projectId)
    return options.databaseName ?? databaseName(session.userId, session.workspaceId)
  }
  const checkSignedIn = () => {
    if (!signedIn) throw new SyncError('UNAUTHORIZED', 'nobody is signed in: there is nothing to sync with', { retryable: false })
  }
  const { session, provider } = options

  const store = new LocalStore({
    name: session instanceof Promise ? session.then(takeSession) : takeSession(session),
    schema, env, hooks, isExcluded,
    captures: () => signedIn,
    canWrite,
    onCommitted: ops => supervisor.leader.committed(ops),
    onNoLongerPrivate: records => supervisor.leader.lookAgain(records),
    onNewerFormat: error => supervisor.abandon(error),
    onReplaced: () => supervisor.beginAnew(),
    indexedDB: options.indexedDB,
    IDBKeyRange: options.IDBKeyRange,
  })
  const { db, hlc } = store
  const connect = () => ({ provider: typeof provider === 'function' ? provider() : provider })
  let current: { provider: SyncProvider } | null = null
  const supervisor: SyncSupervisor = new SyncSupervisor({
    store,
    context: {
      db, schema, scope, hlc, env, hooks, isExcluded, canWrite,
      connection: () => current ??= connect(),
      user: { userId: () => userId, comebacks: () => supervisor.comebacks },
      appTables: Object.keys(schema.tables).map(table => db.table(table)),
      deviceId: () => store.deviceId,
      incarnation: () => store.incarnation,
      resetClock: () => supervisor.resetClock(),
      heardFrom: reply => supervisor.heardFrom(reply),
      storeTime: () => supervisor.storeTime,
      isTimeSure: () => supervisor.isTimeSure,
      membershipsChanged: () => options.onMembershipsChanged?.(),
    },
  })

  return {
    db: db as unknown as SyncDatabase<T>,
    hooks,
    status: supervisor.status,
    queue: supervisor.queue,
    conflicts: supervisor.conflicts,
    start() {
      // Beside the database. The leader waits for it, and reports it if it does not come.
      loadSyncCode().catch(() => {})
      return supervisor.start(() => {
        checkSignedIn()
        current = connect()
      })
    },
    stop: () => supervisor.stop(),
    isRunning: () => supervisor.isRunning,
    flush: () => supervisor.flush(),
    rescan: async () => supervisor.leader.rescan(ASKED_FOR),
    whenIdle: () => supervisor.whenIdle(),
    whenSynced: (tableName, pk) => supervisor.whenSynced(tableName, pk),
    whenCaughtUp: () => supervisor.whenCaughtUp(checkSignedIn),
    rowState: (tableName, pk) => supervisor.rowState(tableName, pk),
    diagnostics: () => supervisor.diagnostics(),
    storeTime: () => supervisor.storeTime,
    setRole(next) {
      const couldWrite = canWrite()
      role = next
      // An upgrade may have made rows that a viewer could not send.
      if (!couldWrite && canWrite()) supervisor.leader.lookAgain()
    },
    setProject,
    async close() {
      await supervisor.close()
      // A provider that a function has returned may serve the next engine, too.
      if (typeof provider === 'function') return
      try { await untilAnswered(Promise.resolve(provider.dispose?.()), { clock: env.clock, what: 'dispose', ms: DISPOSE_MS }) }
      catch (error) { env.log.warn('The provider could not be disposed of', error) }
    },
  }
}
