import { shallowReactive, shallowRef } from 'vue'
import appSchema from '#or3-sync-virtual/schema'
import { createLocalDatabase } from '../core/sync/life/local-database'
import type { EngineDatabase } from '../core/sync/records/engine-database'
import { createEnvironment, type SyncEnvironment } from '../core/sync/environment/environment'
import type { SyncHooks } from '../core/sync/context/sync-hooks'
import { syncProviders } from '../core/sync/sync-provider-registry'
import type { SyncStatus } from '../core/sync/context/sync-status'
import { SyncError, toSyncError } from '../shared/sync/protocol/errors'
import type { SyncSchema } from '../shared/sync/schema/sync-schema'
import type { SyncProvider, SyncRole } from '../shared/sync/protocol/types'
import type { AppDatabase, AppEngine } from './app-types'
import type { Diagnosis } from './diagnosis/diagnosis'
import type { ExplainedApp, Explainer } from './explain/explainer'
import { firstStatus, pageStatus, type StartTrouble } from './page-status'
import type { SessionState } from './session-state'
import { SessionStore, type SessionStoreOptions } from './session-store'
import { UserDatabases } from './user-databases'

type CreateEngine = typeof import('../core/sync/create-sync-engine')['createSyncEngine']

/** In these states the store has accepted this user as a member of the workspace. */
const LET_IN: ReadonlySet<SyncStatus['state']> = new Set(['idle', 'syncing', 'bootstrapping'])

/** The `environment` is also given to the engines. */
export interface SyncClientOptions extends SessionStoreOptions {
  /** Provider id from the configuration. Empty: chosen from the registered ones. */
  provider: string
  /** From the configuration; empty: none. A project that the app has set wins. */
  projectId?: string
  hooks: SyncHooks
  log: SyncEnvironment['log']
  /**
   * For development: why nothing syncs, each refused edit and each quarantined row are logged once, at level `info`. Absent: they are not, and the
   * code for it is not loaded.
   */
  explains?: ExplainedApp
  /** Called before sync starts for a user. It may register built-in providers that serve one user only. */
  prepare?: (userId: string) => void
  /** For tests. Default: the browser's own. */
  indexedDB?: IDBFactory
  IDBKeyRange?: typeof IDBKeyRange
}

/**
 * The page's sync. It keeps one database and one engine for the session's user and workspace, and replaces both when either changes.
 * With sync off it holds a plain local database and no engine. It exists in browsers only.
 */
export class SyncClient {
  readonly session: SessionStore | null
  readonly status: SyncStatus
  /** The current database. It is replaced on sign-in, sign-out and a switch of workspace. */
  readonly db = shallowRef<AppDatabase>()
  readonly engine = shallowRef<AppEngine | null>(null)
  /** What a bug report is made of. It is loaded with the engine; null: sync is off. */
  diagnosis: Promise<Diagnosis> | null = null
  #createEngine: CreateEngine | null = null
  /** The user and workspace of the current database. */
  #identity: Identity | null = null
  #changing: Promise<void> = Promise.resolve()
  #stopFollowing: () => void = () => {}
  /** False while plugins of the app may still register providers. The engine does not start before. */
  #ready = false
  /** Whether the current engine was ever started. */
  #hasStarted = false
  #trouble: StartTrouble | null = null
  readonly #explainer: Promise<Explainer | null> | null
  readonly #databases: UserDatabases

  constructor(private readonly options: SyncClientOptions, readonly isOn: boolean) {
    this.status = shallowReactive(firstStatus(isOn))
    this.session = isOn ? new SessionStore(options) : null
    this.#databases = new UserDatabases(options)
    this.#explainer = options.explains ? loadExplainer(options.log, options.explains) : null
    // The store refuses writes: the role has changed since the session was read.
    options.hooks.addAction('sync.error:action', ({ code }) => { if (code === 'READ_ONLY') this.session?.look() })
    this.#explain()
    if (!isOn) this.db.value = createLocalDatabase({ schema: appSchema as unknown as SyncSchema }) as unknown as AppDatabase
  }

  get log(): SyncEnvironment['log'] { return this.options.log }

  /** Creates the first engine and asks who is signed in. Edits are captured from here on. The database's first operations wait for the answer. */
  attach(createEngine: CreateEngine): void {
    this.#createEngine = createEngine
    const session = this.session!
    const first = session.first().then(identityOf)
    this.#use(this.#create(first))
    // Changes of the session are followed only after the first session is known.
    this.#changing = first.then((identity) => {
      this.#identity = identity
      session.onChange(() => {
        this.#show()
        this.#follow()
      })
      this.#follow()
    })
    syncProviders.onChange(() => this.#restart())
    // A browser that could not open the database may be able to now.
    createEnvironment(this.options.environment).onWake(() => { if (this.#trouble?.reason === 'no-storage') this.#follow() })
  }

  /** Call this once every plugin has run. */
  begin(): void {
    this.#ready = true
    this.#follow()
  }

  /** Waits for a change of session to take effect. */
  async settled(): Promise<void> {
    for (let changing: Promise<void> | null = null; changing !== this.#changing;) await (changing = this.#changing)
  }

  /**
   * The database of the current session. Unlike `db` it waits: just after a change of session, `db` is still the database of the session before.
   *
   * @throws SyncError `UNAUTHORIZED` when nobody is signed in; `NOT_FOUND` for a user without a workspace; `USER_CHANGED` when the session
   * has changed meanwhile.
   */
  async ownDatabase(): Promise<AppDatabase> {
    // The await matters even when the session is known: called from within a change of session, it lets that change complete first.
    const state = { ...await this.session!.first() }
    const { userId, workspaceId } = state
    if (!userId) throw new SyncError('UNAUTHORIZED', 'nobody is signed in: sign in first', { retryable: false })
    if (!workspaceId) throw new SyncError('NOT_FOUND', `user "${userId}" has no workspace and therefore no database; they must become a member of one first`)
    await this.settled()
    if (keyOf(this.#identity) === keyOf(identityOf(state))) return this.db.value!
    throw new SyncError('USER_CHANGED', `the session of user "${userId}" and workspace "${workspaceId}" ended before their database was open; try again with the current session`)
  }

  /**
   * Signs the user out. `wipe` also deletes their databases of all workspaces.
   *
   * @throws SyncError `UNSYNCED_WORK` with `count` when deleting them would lose edits and `force` is not set. The user then stays signed in.
   */
  async signOut({ wipe = false, force = false }: { wipe?: boolean, force?: boolean } = {}): Promise<void> {
    const { session } = this
    if (!session) return
    const names = wipe ? await this.#databaseNames(session.state) : []
    if (wipe && !force) refuseUnsynced(await this.#countUnsynced(names))
    const comeBack = session.forget()
    await this.settled()
    if (force) for (const name of names) await this.#databases.delete(name)
    else await this.#deleteSynced(names, comeBack)
  }

  /** The databases of all workspaces of the session's user. */
  async #databaseNames({ userId, workspaceId, workspaces }: SessionState): Promise<string[]> {
    // When their membership has ended, `workspaces` does not list the workspace that is open.
    return userId ? await this.#databases.names({ userId, workspaces: workspaceId ? [...workspaces, { id: workspaceId }] : workspaces }) : []
  }

  async #countUnsynced(names: readonly string[]): Promise<number> {
    const { queue } = this.engine.value!
    let count = (await queue.pending()).length + (await queue.failed()).length
    for (const name of names) if (name !== this.db.value?.name) count += await this.#databases.countUnsynced(name)
    return count
  }

  /** Deletes the databases. If edits were written since they were counted, here or in another tab, the sign-out is taken back. */
  async #deleteSynced(names: readonly string[], comeBack: () => void): Promise<void> {
    let count = 0
    for (const name of names) count += await this.#databases.deleteIfSynced(name)
    if (count === 0) return
    comeBack()
    await this.settled()
    refuseUnsynced(count)
  }

  #create(session: Identity | null | Promise<Identity | null>): AppEngine {
    return this.#createEngine!({
      schema: appSchema, session, hooks: this.options.hooks, environment: { ...this.options.environment, log: this.options.log }, provider: () => this.#provider(),
      onMembershipsChanged: () => this.session?.look(),
    }) as unknown as AppEngine
  }

  #use(engine: AppEngine): void {
    this.#stopFollowing()
    this.#stopFollowing = engine.status.subscribe((status) => {
      this.#show()
      void this.#explainer?.then(explainer => explainer?.rows(asEngineDatabase(engine.db), status))
      const { session } = this
      // The session or the membership has changed. Except for another user, only the server can say how.
      if (status.error?.code === 'USER_CHANGED') session?.userChanged()
      else if (status.error?.code === 'UNAUTHORIZED' || (session?.reason === 'barred' && LET_IN.has(status.state))) session?.look()
      if (status.state === 'idle') session?.worked()
    })
    this.#hasStarted = false
    this.engine.value = engine
    this.db.value = engine.db
    this.#show()
  }

  #show(): void {
    const { session, engine } = this
    if (engine.value) Object.assign(this.status, pageStatus({
      session: session && { status: session.state.status, reason: session.reason },
      engine: engine.value.status.get(), hasStarted: this.#hasStarted, trouble: this.#trouble,
    }))
    this.#explain()
  }

  #explain(): void {
    const { reason } = this.status
    void this.#explainer?.then(explainer => explainer?.reason(reason))
  }

  /** Brings database and engine in line with the session, one change after the other. */
  #follow(): void {
    this.#changing = this.#changing.then(() => this.#change()).then(() => { this.#trouble = null }, (thrown) => {
      const { code, message } = toSyncError(thrown)
      this.#trouble = { error: { code, message }, reason: this.engine.value?.status.get().reason ?? (code === 'NOT_FOUND' ? 'no-provider' : null) }
      this.options.log.error('Sync could not follow the session', thrown)
    }).then(() => this.#show())
  }

  async #change(): Promise<void> {
    // A copy: if the session changes meanwhile, that change is followed after this one.
    const state = { ...this.session!.state }
    if (state.status === 'loading' || !this.engine.value) return
    const identity = identityOf(state)
    if (keyOf(identity) !== keyOf(this.#identity)) await this.#replace(identity)
    const engine = this.engine.value
    // A null role means no longer a member. They may not write, like a viewer.
    if (state.userId) engine.setRole(state.role ?? 'viewer')
    engine.setProject(state.projectId ?? this.options.projectId)
    if (state.status !== 'authenticated' || !state.workspaceId) return await engine.stop()
    if (!this.#ready) return
    // A running engine that the store has refused tries again now: the user may be a member again.
    if (engine.isRunning() && state.role && this.status.error?.code === 'UNAUTHORIZED') void engine.flush()
    await engine.start()
    this.#hasStarted = true
  }

  async #replace(identity: Identity | null): Promise<void> {
    const before = this.engine.value
    const next = this.#create(identity)
    this.#identity = identity
    this.#use(next)
    // Closed last, when live queries already read the new database.
    await before?.close()
  }

  #restart(): void {
    if (!this.#ready) return
    this.#changing = this.#changing.then(async () => {
      if (!this.engine.value?.isRunning()) return
      await this.engine.value.stop()
    }).catch(error => this.options.log.error('Sync could not stop for another provider', error))
    this.#follow()
  }

  #provider(): SyncProvider {
    // Not the session's user: the session may have changed, and this engine's user has not.
    if (this.#identity) this.options.prepare?.(this.#identity.userId)
    const provider = syncProviders.active(this.options.provider)
    if (!provider) throw new SyncError('NOT_FOUND', 'no sync provider is registered')
    return provider
  }
}

function refuseUnsynced(count: number): void {
  if (count > 0) throw new SyncError('UNSYNCED_WORK', `${count} edits, in all workspaces of this user, have not reached the server; signing out with wipe would lose them (force: true does it anyway)`, { count })
}

async function loadExplainer(log: SyncClientOptions['log'], app: ExplainedApp): Promise<Explainer | null> {
  try { return new (await import('./explain/explainer')).Explainer(log, app) }
  catch (error) {
    log.warn('What explains troubles could not be loaded', error)
    return null
  }
}

interface Identity {
  userId: string
  workspaceId: string
  role: SyncRole
}

function identityOf({ userId, workspaceId, role }: SessionState): Identity | null {
  return userId && workspaceId ? { userId, workspaceId, role: role ?? 'viewer' as const } : null
}

function keyOf(identity: Identity | null): string {
  return identity ? JSON.stringify([identity.userId, identity.workspaceId]) : ''
}

/** The same database, typed by the engine's own tables. */
export function asEngineDatabase(db: AppDatabase): EngineDatabase {
  return db as unknown as EngineDatabase
}

let client: SyncClient | null = null

/** Called once, by the plugin `convex-sync.client`. On the server there is no client. */
export function setSyncClient(value: SyncClient): void {
  client = value
}

export function useSyncClient(): SyncClient | null {
  return client
}
