import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { DexieOptions } from 'dexie'
import { SyncError } from '../../shared/sync/protocol/errors'
import { PULL_MAX_LIMIT } from '../../shared/sync/protocol/limits'
import type { SyncSchema } from '../../shared/sync/schema/sync-schema'
import type { SyncProvider, SyncRole, SyncScope } from '../../shared/sync/protocol/types'
import { CircuitBreaker, guardProvider, type GuardedProvider } from './transport/circuit-breaker'
import type { SyncDatabase } from './records/engine-database'
import { databaseName, LOCAL_DATABASE_NAME } from './database/sync-database'
import { createEnvironment, type SyncEnvironment } from './environment/environment'
import { untilAnswered } from './environment/until-answered'
import { createExclusion } from './context/exclusion'
import { LocalStore } from './life/local-store'
import { nameTables } from './context/name-tables'
import { nameUser } from './context/name-user'
import { OutboxStore } from './queue/outbox-store'
import { HeardMarks } from './progress/heard-marks'
import { ASKED_FOR } from './pull/rescan-reasons'
import { LINK_SIZE, RequestSize } from './transport/request-size'
import { SyncConflicts } from './face/sync-conflicts'
import { createSyncHooks, type SyncHooks } from './context/sync-hooks'
import type { SyncQueue } from './face/sync-queue'
import type { SyncDiagnostics } from './face/sync-diagnostics'
import { SyncSupervisor } from './life/sync-supervisor'
import type { Observable, SyncStatus } from './context/sync-status'

export interface SyncEngineSession {
  userId: string
  workspaceId: string
  projectId?: string
  /** Any but `owner` and `editor` makes local writes reject with `READ_ONLY`. Default: `editor`. */
  role?: SyncRole
}

/** An engine that closes does not wait longer for a provider to let go. */
const DISPOSE_MS = 5_000

export interface SyncEngineOptions<T extends Record<string, StandardSchemaV1>> {
  schema: SyncSchema<T>
  /** A promise: the database can be used at once, and its first operations wait for it. Null: nobody is signed in, nothing is captured. */
  session: SyncEngineSession | null | Promise<SyncEngineSession | null>
  /** A function is asked at each start. */
  provider: SyncProvider | (() => SyncProvider)
  /** Default: a set of hooks of its own. */
  hooks?: SyncHooks
  /** What the engine takes from its surroundings; default: the browser's own. */
  environment?: Partial<SyncEnvironment>
  /** For tests and Node: an IndexedDB implementation. Default: the global one. */
  indexedDB?: DexieOptions['indexedDB']
  IDBKeyRange?: DexieOptions['IDBKeyRange']
  /** Default: `or3-db-<userId>-<workspaceId>`. */
  databaseName?: string
  /** The store says that workspaces or roles of this user have changed. Default: nobody is told. */
  onMembershipsChanged?: () => void
}

export interface SyncEngine<T extends Record<string, StandardSchemaV1> = Record<string, StandardSchemaV1>> {
  /** Captures every write from its creation on, whether or not the engine runs. */
  readonly db: SyncDatabase<T>
  readonly hooks: SyncHooks
  readonly status: Observable<SyncStatus>
  readonly queue: SyncQueue
  readonly conflicts: SyncConflicts
  /** Begins to sync; resolves when the database is open. Calling it again changes nothing. Rejects with `UNAUTHORIZED` when nobody is signed in, with `SYNC_DISABLED` once it was closed. */
  start: () => Promise<void>
  /** Stops syncing, not capturing. Resolves when nothing is under way any more. */
  stop: () => Promise<void>
  isRunning: () => boolean
  /** Sends what is due at once; resolves when that was answered or has failed. */
  flush: () => Promise<void>
  /** Fetches everything again, keeping local edits; resolves when that has begun. */
  rescan: () => Promise<void>
  /** Resolves when every edit that may be sent is acknowledged and everything the store had is here. */
  whenIdle: () => Promise<void>
  diagnostics: () => Promise<SyncDiagnostics>
  /** Epoch milliseconds by the store's clock, as far as it is known: HLCs are compared with it, not with this device's own clock. */
  storeTime: () => number
  /** Changes what this session may do, without touching the queue. */
  setRole: (role: SyncRole) => void
  /** From now on requests and hooks carry this `scope.projectId`; undefined or empty: none. */
  setProject: (projectId: string | undefined) => void
  /** Stops, closes the database and lets go of the provider. An engine that was closed does not start again. */
  close: () => Promise<void>
}

/**
 * The sync engine of one user's workspace. Imports nothing of Nuxt or Vue: the module, a worker and a test use the same.
 *
 * @throws SyncError from writes: `VALIDATION_ERROR` (a value that cannot travel), `READ_ONLY`, `NEWER_DATABASE`.
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
    // Null is no role.
    role = session.role === undefined ? 'editor' : session.role
    userId = session.userId
    scope.workspaceId = session.workspaceId
    setProject(session.projectId)
    return options.databaseName ?? databaseName(session.userId, session.workspaceId)
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
  const breakers = { push: new CircuitBreaker(env.clock.now), pull: new CircuitBreaker(env.clock.now) }
  const named = (inner: SyncProvider) => nameUser(inner, { userId: () => userId, comebacks: () => supervisor.comebacks })
  const guarded = () => guardProvider(nameTables(named(typeof provider === 'function' ? provider() : provider), schema), breakers, env.clock)
  let current: GuardedProvider | null = null
  const supervisor: SyncSupervisor = new SyncSupervisor({
    store, breakers,
    context: {
      db, outbox: new OutboxStore(db), schema, scope, hlc, env, hooks, isExcluded, canWrite, breakers,
      get provider() {
        return current ??= guarded()
      },
      appTables: Object.keys(schema.tables).map(table => db.table(table)),
      deviceId: () => store.deviceId,
      incarnation: () => store.incarnation,
      heard: new HeardMarks(),
      pageSize: new RequestSize({ max: PULL_MAX_LIMIT, ...LINK_SIZE }),
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
    conflicts: new SyncConflicts(db, schema),
    start: () => supervisor.start(() => {
      if (!signedIn) throw new SyncError('UNAUTHORIZED', 'nobody is signed in: there is nothing to sync with', { retryable: false })
      current = guarded()
    }),
    stop: () => supervisor.stop(),
    isRunning: () => supervisor.isRunning,
    flush: () => supervisor.flush(),
    rescan: async () => supervisor.leader.rescan(ASKED_FOR),
    whenIdle: () => supervisor.whenIdle(),
    diagnostics: () => supervisor.diagnostics(),
    storeTime: () => supervisor.storeTime,
    setRole(next) {
      const couldWrite = canWrite()
      role = next
      // What an upgrade made for a viewer is sent by somebody who may write.
      if (!couldWrite && canWrite()) supervisor.leader.lookAgain()
    },
    setProject,
    async close() {
      await supervisor.close()
      // One that was handed in belongs to this engine; one that is asked for may serve the next.
      if (typeof provider === 'function') return
      try { await untilAnswered(Promise.resolve(provider.dispose?.()), { clock: env.clock, what: 'dispose', ms: DISPOSE_MS }) }
      catch (error) { env.log.warn('The provider could not be disposed of', error) }
    },
  }
}
