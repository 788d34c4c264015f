import { readonly, shallowReactive, toRefs, type Ref } from 'vue'
import type { SyncRole, SyncWorkspace } from '../shared/sync/protocol/types'
import { SyncError } from '../shared/sync/protocol/errors'
import { afterHydration } from '../app/after-hydration'
import { isSyncOn } from '../app/is-sync-on'
import type { KnownSession } from '../app/read-known-session'
import { firstSession, type SessionStatus } from '../app/session-state'
import { useSyncClient } from '../app/sync-client'

export interface UseSyncSession {
  readonly status: SessionStatus
  readonly userId: string | null
  readonly workspaceId: string | null
  readonly role: SyncRole | null
  readonly workspaces: readonly SyncWorkspace[]
  /** The project that the app has named by `set()`. Null: none; then the module's option `projectId` is used. */
  readonly projectId: string | null
  /** Opens another workspace of this user. Resolves when its database is the current one. Rejects with `NOT_FOUND` if the user has no such workspace. */
  switchWorkspace: (id: string) => Promise<void>
  /** Asks the server who is signed in, for example after a sign-in, and accepts its answer. Undoes `set()`. */
  refresh: () => Promise<void>
  /**
   * For an app that knows its session itself. It may be called at any time; from then on only the app changes the session. `userId` must be
   * the one that the server knows. Null: the session has expired. Rejects with `VALIDATION_ERROR` for a malformed session.
   */
  set: (session: KnownSession | null) => Promise<void>
  /**
   * Closes the user's database. Call it together with the app's own sign-out. `wipe` deletes the databases of all their workspaces from this
   * browser. It rejects with `UNSYNCED_WORK` and `count` while one of them holds unsynced edits, unless `force` is set.
   */
  signOut: (options?: { wipe?: boolean, force?: boolean }) => Promise<void>
}

/** Each field of the session as a ref, and the actions. */
export type UseSyncSessionRefs = {
  readonly [Name in keyof UseSyncSession]: UseSyncSession[Name] extends (...args: never[]) => unknown ? UseSyncSession[Name] : Readonly<Ref<UseSyncSession[Name]>>
}

/**
 * The signed-in user and the open workspace, reactive. On the server, and until a hydrating component is mounted, the status is `loading`.
 * With sync off it is `unauthenticated`. A field that is taken out is a value of that moment; `useSyncSessionRefs` gives refs.
 */
export function useSyncSession(): UseSyncSession {
  const client = useSyncClient()
  const first = readonly(shallowReactive(firstSession(client?.isOn ?? isSyncOn())))
  const state = client?.session ? afterHydration(first, readonly(client.session.state)) : first
  const store = () => {
    if (!client?.session) throw new SyncError('SYNC_DISABLED', 'sync is off: there is no session')
    return client.session
  }
  const actions = {
    async switchWorkspace(id: string) {
      const sessions = store()
      // While the page loads the list of workspaces is not known yet.
      if (sessions.state.status === 'loading') await sessions.first()
      sessions.switchWorkspace(id)
      await client!.settled()
    },
    async refresh() {
      await store().refresh()
      await client!.settled()
    },
    async set(session: KnownSession | null) {
      store().set(session)
      await client!.settled()
    },
    async signOut(options?: { wipe?: boolean, force?: boolean }) {
      store()
      await client!.signOut(options)
    },
  }
  return new Proxy(state, {
    get: (target, key) => Object.hasOwn(actions, key) ? actions[key as keyof typeof actions] : Reflect.get(target, key),
  }) as unknown as UseSyncSession
}

/** The same as `useSyncSession`, to be destructured: `const { userId, role, signOut } = useSyncSessionRefs()`. Each field is a ref that is followed. */
export function useSyncSessionRefs(): UseSyncSessionRefs {
  const session = useSyncSession()
  const { switchWorkspace, refresh, set, signOut } = session
  // The actions are no own keys of the session, so they are not among these.
  return { ...toRefs(session), switchWorkspace, refresh, set, signOut }
}
