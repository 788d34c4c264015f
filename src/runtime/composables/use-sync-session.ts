import { readonly, shallowReactive } from 'vue'
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
  /** What the app has named by `set()`; null: nothing, the module's option counts. */
  readonly projectId: string | null
  /** Opens another workspace of this user; resolves when its database is the current one. Rejects with `NOT_FOUND`. */
  switchWorkspace: (id: string) => Promise<void>
  /** Asks the server again who is there, after a sign-in for example, and goes by its word from then on, whoever it names. */
  refresh: () => Promise<void>
  /**
   * For an app that knows its session by itself, at any time: from then on nothing but the app changes it. `userId` must be the server's.
   * Null: the session has expired. Rejects with `VALIDATION_ERROR` for one out of form.
   */
  set: (session: KnownSession | null) => Promise<void>
  /**
   * Leaves the user's database; call it beside the app's own sign-out. `wipe` removes the databases of all their
   * workspaces from this browser, and rejects with `UNSYNCED_WORK` and `count` while edits of any are unsynced, unless `force`.
   */
  signOut: (options?: { wipe?: boolean, force?: boolean }) => Promise<void>
}

/**
 * Who is syncing, and into which workspace. Reactive. On the server, and in a component that takes over what the server rendered until it
 * is mounted, its status is `loading`; `unauthenticated` where sync is off.
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
      // Called while the page loads: whose workspaces there are is known in a moment.
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
