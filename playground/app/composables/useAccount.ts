/** A sign-out waits no longer for the server, in milliseconds. */
const SIGN_OUT_TIMEOUT_MS = 5_000

/** The user of the demo: signed in by name, or a guest whose rows stay on this device. */
export function useAccount() {
  const { user, session: userSession, fetch: fetchSession } = useUserSession()
  const session = useSyncSession()
  const { public: { or3Sync, demo } } = useRuntimeConfig()
  const guest = useState('guest', () => false)
  /** True during a sign-out. A sign-in at that time would be undone by it. */
  const leaving = useState('leaving', () => false)
  /** With sync off nobody can sign in. */
  const syncOff = !or3Sync.enabled || !or3Sync.ssrAuthEnabled

  async function signIn(name: string) {
    await $fetch('/api/auth/sign-in', { method: 'POST', body: { name } })
    await fetchSession()
    if (!syncOff) await session.refresh()
    guest.value = false
    await navigateTo('/')
  }

  async function continueAsGuest() {
    guest.value = true
    await navigateTo('/')
  }

  /** Works without the server, too. Rejects with `UNSYNCED_WORK` when a wipe would lose edits. */
  async function signOut(options: { wipe?: boolean, force?: boolean } = {}) {
    leaving.value = true
    try {
      if (!syncOff) await session.signOut(options)
      if (options.wipe) await deleteDevices()
      await leave()
      // `leave` has set a cookie, so even if this request fails, the server accepts no session of this browser until the next sign-in.
      await $fetch('/api/auth/sign-out', { method: 'POST', retry: 0, timeout: SIGN_OUT_TIMEOUT_MS }).catch(() => undefined)
    }
    finally { leaving.value = false }
  }

  /** What a page does in a sign-out that was started here or in another tab. */
  async function leave() {
    // Only in the tab where the sign-out was started. Another tab may learn of it after the next user has signed in, whose session the mark would end.
    if (leaving.value) markSignedOut()
    forgetUser()
    userSession.value = null
    guest.value = false
    await navigateTo('/sign-in')
  }

  return {
    user,
    guest,
    leaving,
    syncOff,
    /** Whether a name is enough to sign in. */
    demo,
    displayName: computed(() => user.value?.name ?? 'Guest'),
    entered: computed(() => syncOff || guest.value || user.value !== null),
    signIn,
    continueAsGuest,
    signOut,
    leave,
  }
}
