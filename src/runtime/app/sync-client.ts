import { shallowReactive, shallowRef } from 'vue'
import appSchema from '#or3-sync-virtual/schema'
import { createLocalDatabase } from '../core/sync/life/local-database'
import type { EngineDatabase } from '../core/sync/records/engine-database'
import { createEnvironment, type SyncEnvironment } from '../core/sync/environment/environment'
import type { SyncHooks } from '../core/sync/context/sync-hooks'
import { syncProviders } from '../core/sync/sync-provider-registry'
import type { SyncReason } from '../core/sync/context/sync-reason'
import type { SyncStatus } from '../core/sync/context/sync-status'
import { SyncError, toSyncError } from '../shared/sync/protocol/errors'
import type { SyncSchema } from '../shared/sync/schema/sync-schema'
import type { SyncProvider, SyncRole } from '../shared/sync/protocol/types'
import type { AppDatabase, AppEngine } from './app-types'
import { explainReason } from './explain-reason'
import { RowTroubles } from './row-troubles'
import { firstStatus, pageStatus, type StartTrouble } from './page-status'
import type { SessionState } from './session-state'
import { SessionStore, type SessionStoreOptions } from './session-store'
import { UserDatabases } from './user-databases'

type CreateEngine = typeof import('../core/sync/create-sync-engine')['createSyncEngine']

/** States in which the store has let this user into the workspace. */
const LET_IN: ReadonlySet<SyncStatus['state']> = new Set(['idle', 'syncing', 'bootstrapping'])

/** Of the session's options, `environment` goes to engines, too. */
export interface SyncClientOptions extends SessionStoreOptions {
  /** Provider id from the configuration; empty: by what is registered. */
  provider: string
  /** Of the configuration; empty: none. What the app has set wins. */
  projectId?: string
  hooks: SyncHooks
  log: SyncEnvironment['log']
  /** Whether somebody reads lines of `info`: rows that were refused or wait in quarantine are then told of, each once. Default: false. */
  explainsRows?: boolean
  /** Called before sync starts for a user: may register built-in providers that serve one user only. */
  prepare?: (userId: string) => void
  /** For tests. Default: the browser's own. */
  indexedDB?: IDBFactory
  IDBKeyRange?: typeof IDBKeyRange
}

/**
 * The page's sync: one database and engine for the user and workspace of the session, replaced when either changes.
 * Exists in browsers only. With sync off it is a plain local database.
 */
export class SyncClient {
  readonly session: SessionStore | null
  readonly status: SyncStatus
  /** The database of this moment. Replaced on sign-in, sign-out and switch. */
  readonly db = shallowRef<AppDatabase>()
  readonly engine = shallowRef<AppEngine | null>(null)
  #createEngine: CreateEngine | null = null
  /** Whose database this page has. */
  #identity: Identity | null = null
  #changing: Promise<void> = Promise.resolve()
  #stopFollowing: () => void = () => {}
  /** Plugins of the app may still register providers. */
  #ready = false
  /** Whether the engine of this moment has been started once. */
  #hasStarted = false
  #trouble: StartTrouble | null = null
  readonly #explained = new Set<SyncReason>()
  readonly #rows: RowTroubles | null
  readonly #databases: UserDatabases

  constructor(private readonly options: SyncClientOptions, readonly isOn: boolean) {
    this.status = shallowReactive(firstStatus(isOn))
    this.session = isOn ? new SessionStore(options) : null
    this.#databases = new UserDatabases(options)
    this.#rows = options.explainsRows ? new RowTroubles(options.log) : null
    // The role has changed since the session was read.
    options.hooks.addAction('sync.error:action', ({ code }) => { if (code === 'READ_ONLY') this.session?.look() })
    this.#explain()
    if (!isOn) this.db.value = createLocalDatabase({ schema: appSchema as unknown as SyncSchema }) as unknown as AppDatabase
  }

  /** Takes the engine's code and begins to ask who is there. Edits are captured from the first one on. */
  attach(createEngine: CreateEngine): void {
    this.#createEngine = createEngine
    const session = this.session!
    const first = session.first().then(identityOf)
    this.#use(this.#create(first))
    // Nothing follows a session before the first one is known.
    this.#changing = first.then((identity) => {
      this.#identity = identity
      session.onChange(() => {
        this.#show()
        this.#follow()
      })
      this.#follow()
    })
    syncProviders.onChange(() => this.#restart())
    // A browser that gave no database may give one now.
    createEnvironment(this.options.environment).onWake(() => { if (this.#trouble?.reason === 'no-storage') this.#follow() })
  }

  /** Every plugin has run. */
  begin(): void {
    this.#ready = true
    this.#follow()
  }

  /** Waits for a change of session to take effect. */
  async settled(): Promise<void> {
    for (let changing: Promise<void> | null = null; changing !== this.#changing;) await (changing = this.#changing)
  }

  /**
   * The database of the session's user and workspace, once it is the page's own. Where a session has just changed, the page's database
   * is the last one's for a moment.
   *
   * @throws SyncError `UNAUTHORIZED` when nobody is signed in; `NOT_FOUND` for a user without a workspace; `USER_CHANGED` when another
   * session came meanwhile.
   */
  async ownDatabase(): Promise<AppDatabase> {
    // Waits also where it is called within the change of session, which is complete by then.
    const state = { ...await this.session!.first() }
    const { userId, workspaceId } = state
    if (!userId) throw new SyncError('UNAUTHORIZED', 'nobody is signed in: sign in first', { retryable: false })
    if (!workspaceId) throw new SyncError('NOT_FOUND', `user "${userId}" has no workspace, and no database therefore; they must become a member of one first`)
    await this.settled()
    if (keyOf(this.#identity) === keyOf(identityOf(state))) return this.db.value!
    throw new SyncError('USER_CHANGED', `the session of user "${userId}" and workspace "${workspaceId}" was over before their database was open; try again with the session of now`)
  }

  /**
   * `wipe` removes the user's databases of all workspaces.
   *
   * @throws SyncError `UNSYNCED_WORK` with `count`, when that would lose edits and `force` is not set; the user is signed in as before.
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

  /** Of all workspaces of the session's user. */
  async #databaseNames({ userId, workspaceId, workspaces }: SessionState): Promise<string[]> {
    // Where their membership has ended, the list lacks the workspace that they are in.
    return userId ? await this.#databases.names({ userId, workspaces: workspaceId ? [...workspaces, { id: workspaceId }] : workspaces }) : []
  }

  async #countUnsynced(names: readonly string[]): Promise<number> {
    const { queue } = this.engine.value!
    let count = (await queue.pending()).length + (await queue.failed()).length
    for (const name of names) if (name !== this.db.value?.name) count += await this.#databases.countUnsynced(name)
    return count
  }

  /** Edits may have come since they were counted, of this page or of another tab: they keep their database, and the user. */
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
      this.#rows?.look(asEngineDatabase(engine.db), status)
      const { session } = this
      // The server no longer knows us, or knows somebody else, or no longer lets us in, or does so again: it can say which.
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

  /** In development only, each once. */
  #explain(): void {
    const { reason } = this.status
    if (!reason || this.#explained.has(reason)) return
    this.#explained.add(reason)
    this.options.log.info(explainReason(reason))
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
    // As it is now: the next change of it is followed when this one is done.
    const state = { ...this.session!.state }
    if (state.status === 'loading' || !this.engine.value) return
    const identity = identityOf(state)
    if (keyOf(identity) !== keyOf(this.#identity)) await this.#replace(identity)
    const engine = this.engine.value
    // No member any more: nothing that is written now could be sent.
    if (state.userId) engine.setRole(state.role ?? 'viewer')
    engine.setProject(state.projectId ?? this.options.projectId)
    if (state.status !== 'authenticated' || !state.workspaceId) return await engine.stop()
    if (!this.#ready) return
    // One that runs and was let in no more asks again now: it may be a member's.
    if (engine.isRunning() && state.role && this.status.error?.code === 'UNAUTHORIZED') void engine.flush()
    await engine.start()
    this.#hasStarted = true
  }

  async #replace(identity: Identity | null): Promise<void> {
    const before = this.engine.value
    const next = this.#create(identity)
    this.#identity = identity
    this.#use(next)
    // Closed last: live queries have moved on to the new database by now.
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
    // Of the engine that asks: the session may be another's by now.
    if (this.#identity) this.options.prepare?.(this.#identity.userId)
    const provider = syncProviders.active(this.options.provider)
    if (!provider) throw new SyncError('NOT_FOUND', 'no sync provider is registered')
    return provider
  }
}

function refuseUnsynced(count: number): void {
  if (count > 0) throw new SyncError('UNSYNCED_WORK', `${count} edits, in all workspaces of this user, have not reached the server; signing out with wipe would lose them (force: true does it anyway)`, { count })
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

/** The tables of the engine in an app's database. */
export function asEngineDatabase(db: AppDatabase): EngineDatabase {
  return db as unknown as EngineDatabase
}

let client: SyncClient | null = null

/** Set once by the plugin `convex-sync.client`; there is none on the server. */
export function setSyncClient(value: SyncClient): void {
  client = value
}

export function useSyncClient(): SyncClient | null {
  return client
}
