import { watch, type Ref } from 'vue'
import type { SessionStore } from './session-store'

/** What `useUserSession()` of nuxt-auth-utils holds: null once it is cleared, or could not be fetched; without a user: nobody. */
export type UserSession = Ref<{ user?: unknown } | null | undefined>

/** Keeps the session in step with `useUserSession()`, whose `fetch()` and `clear()` an app calls where it signs in and out. */
export function followUserSession(session: UserSession, store: SessionStore): void {
  watch(session, (now, before) => {
    if (store.isSetByApp) return
    if (before?.user && !now) void store.cleared()
    else if (!isSame(now?.user, before?.user)) void store.refresh()
    // Memberships may be others, too, by the time that the user is fetched again.
    else store.look()
  }, { flush: 'sync' })
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
