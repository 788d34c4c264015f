import { watch, type Ref } from 'vue'
import type { SessionStore } from './session-store'

/** The `session` of nuxt-auth-utils' `useUserSession()`. Null: it was cleared or could not be fetched. Without a user: nobody is signed in. */
export type UserSession = Ref<{ user?: unknown } | null | undefined>

/** Keeps the sync session in step with `useUserSession()`, whose `fetch()` and `clear()` the app calls when a user signs in or out. */
export function followUserSession(session: UserSession, store: SessionStore): void {
  watch(session, (now, before) => {
    if (store.isSetByApp) return
    if (before?.user && !now) void store.cleared()
    else if (!isSame(now?.user, before?.user)) void store.refresh()
    // The same user was fetched again: their workspaces may have changed.
    else store.look()
  }, { flush: 'sync' })
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
