import { shallowReactive, shallowRef } from 'vue'
import appSchema from '#or3-sync-virtual/schema'
import { createSyncDatabase, LOCAL_DATABASE_NAME, type EngineDatabase } from '../core/sync/database/sync-database'
import type { SyncEnvironment } from '../core/sync/environment'
import type { SyncHooks } from '../core/sync/sync-hooks'
import { syncProviders } from '../core/sync/sync-provider-registry'
import { INITIAL_STATUS, type SyncStatus } from '../core/sync/sync-status'
import { SyncError, toSyncError } from '../shared/sync/errors'
import type { SyncSchema } from '../shared/sync/sync-schema'
import type { SyncProvider } from '../shared/sync/types'
import type { AppDatabase, AppEngine } from './app-types'
import { SessionStore, type SessionState } from './session-store'

type CreateEngine = typeof import('../core/sync/create-sync-engine')['createSyncEngine']

/** States in which the store has let this user into the workspace. */
const LET_IN: ReadonlySet<SyncStatus['state']> = new Set(['idle', 'syncing', 'bootstrapping'])

export interface SyncClientOptions {
  baseURL: string
  /** Provider id from the configuration; empty: by what is registered. */
  provider: string
  hooks: SyncHooks
  log: SyncEnvironment['log']
  /** Called before sync starts for a user: may register built-in providers that serve one user only. */
  prepare?: (userId: string) => void
}

/**
 * The page's sync: one database and engine for the user and workspace of the session, replaced when either changes.
 * Exists in browsers only. With sync off it is a plain local database.
 */
export class SyncClient {
  readonly session: SessionStore | null
  readonly status = shallowReactive<SyncStatus>({ ...INITIAL_STATUS, state: 'disabled' })
  /** The database of this moment. Replaced on sign-in, sign-out and switch. */
  readonly db = shallowRef<AppDatabase>()
  readonly engine = shallowRef<AppEngine | null>(null)
  #createEngine: CreateEngine | null = null
  #identity: string | null = null
  #changing: Promise<void> = Promise.resolve()
  #stopFollowing: () => void = () => {}
  /** Plugins of the app may still register providers. */
  #ready = false

  constructor(private readonly options: SyncClientOptions, enabled: boolean) {
    this.session = enabled ? new SessionStore({ baseURL: options.baseURL }) : null
    // The role has changed since the session was read.
    options.hooks.addAction('sync.error:action', ({ code }) => { if (code === 'READ_ONLY') void this.session?.refresh() })
    if (!enabled) this.db.value = createSyncDatabase({ name: LOCAL_DATABASE_NAME, schema: appSchema as unknown as SyncSchema }) as unknown as AppDatabase
  }

  /** Takes the engine's code and begins to ask who is there. Edits are captured from the first one on. */
  attach(createEngine: CreateEngine): void {
    this.#createEngine = createEngine
    const { session } = this
    const first = session!.first()
    const engine = this.#create(first.then(identityOf))
    this.#use(engine)
    void first.then((state) => {
      this.#identity = keyOf(state)
      session!.onChange(() => this.#follow())
      this.#follow()
    })
    syncProviders.onChange(() => this.#restart())
  }

  /** Every plugin has run. */
  begin(): void {
    this.#ready = true
    this.#follow()
  }

  /** Waits for a change of session to take effect. */
  async settled(): Promise<void> {
    await this.#changing
  }

  /** @throws SyncError `UNSYNCED_WORK` with `count`, when wiping would lose edits and `force` is not set. */
  async signOut({ wipe = false, force = false }: { wipe?: boolean, force?: boolean } = {}): Promise<void> {
    const engine = this.engine.value
    if (wipe && !force && engine) {
      const count = (await engine.queue.pending()).length + (await engine.queue.failed()).length
      if (count > 0) throw new SyncError('UNSYNCED_WORK', `${count} edits have not reached the server; signing out with wipe would lose them (force: true does it anyway)`, { count })
    }
    const db = this.db.value
    this.session?.forget()
    await this.#changing
    if (wipe && db && db !== this.db.value) await db.delete({ disableAutoOpen: true })
  }

  #create(session: Promise<{ userId: string, workspaceId: string, role: NonNullable<SessionState['role']> } | null>): AppEngine {
    return this.#createEngine!({
      schema: appSchema, session, hooks: this.options.hooks, environment: { log: this.options.log }, provider: () => this.#provider(),
    }) as unknown as AppEngine
  }

  #use(engine: AppEngine): void {
    this.#stopFollowing()
    this.#stopFollowing = engine.status.subscribe((status) => {
      Object.assign(this.status, status)
      // The server no longer knows us, or no longer lets us, or does so again: it can say which.
      if (status.error?.code === 'UNAUTHORIZED' || (this.session?.isBarred && LET_IN.has(status.state))) void this.session?.refresh()
    })
    Object.assign(this.status, { ...INITIAL_STATUS, state: 'connecting' })
    this.engine.value = engine
    this.db.value = engine.db
  }

  /** Brings database and engine in line with the session, one change after the other. */
  #follow(): void {
    this.#changing = this.#changing.then(async () => {
      const { state } = this.session!
      if (state.status === 'loading' || !this.engine.value) return
      if (keyOf(state) !== this.#identity) await this.#replace(state)
      const engine = this.engine.value
      // No member any more: nothing that is written now could be sent.
      if (state.userId) engine.setRole(state.role ?? 'viewer')
      if (state.status === 'authenticated' && state.workspaceId) {
        if (!this.#ready) return
        // One that runs and was let in no more asks again now: it may be a member's.
        if (engine.isRunning() && state.role && this.status.error?.code === 'UNAUTHORIZED') void engine.flush()
        await engine.start()
      }
      else {
        await engine.stop()
        this.status.state = state.status === 'expired' ? 'offline' : 'disabled'
      }
    }).catch((thrown) => {
      const { code, message } = toSyncError(thrown)
      Object.assign(this.status, { state: 'error', error: { code, message } } satisfies Partial<SyncStatus>)
      this.options.log.error('Sync could not follow the session', thrown)
    })
  }

  async #replace(state: SessionState): Promise<void> {
    const before = this.engine.value
    const identity = identityOf(state)
    this.#identity = keyOf(state)
    this.#use(this.#create(Promise.resolve(identity)))
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
    const userId = this.session?.state.userId
    if (userId) this.options.prepare?.(userId)
    const provider = syncProviders.active(this.options.provider)
    if (!provider) throw new SyncError('NOT_FOUND', 'no sync provider is registered')
    return provider
  }
}

function identityOf({ userId, workspaceId, role }: SessionState) {
  return userId && workspaceId ? { userId, workspaceId, role: role ?? 'viewer' as const } : null
}

function keyOf(state: SessionState): string {
  const identity = identityOf(state)
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
