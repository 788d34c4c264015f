/** A server that does not answer does not keep anybody from signing out, in milliseconds. */
const SIGN_OUT_TIMEOUT_MS = 5_000

/** Who uses the demo: someone signed in by name, or a guest whose rows stay on this device. */
export function useAccount() {
  const { user, session: userSession, fetch: fetchSession } = useUserSession()
  const session = useSyncSession()
  const { public: { or3Sync, demo } } = useRuntimeConfig()
  const guest = useState('guest', () => false)
  /** A sign-out is under way. A sign-in would cross it. */
  const leaving = useState('leaving', () => false)
  /** With sync off there is nobody to sign in to. */
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
      await leave()
      // Whether or not this reaches the server: from here on it takes no session of this browser until the next sign-in.
      await $fetch('/api/auth/sign-out', { method: 'POST', retry: 0, timeout: SIGN_OUT_TIMEOUT_MS }).catch(() => undefined)
    }
    finally { leaving.value = false }
  }

  /** A page's part of a sign-out, be it asked for here or in another tab. */
  async function leave() {
    // Only where it is asked for: another tab may hear of it when the next user has signed in already.
    if (leaving.value) markSignedOut()
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
