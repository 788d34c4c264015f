/** Who uses the demo: someone signed in by name, or a guest whose rows stay on this device. */
export function useAccount() {
  const { user, fetch: fetchSession } = useUserSession()
  const session = useSyncSession()
  const { public: { or3Sync } } = useRuntimeConfig()
  const guest = useState('guest', () => false)
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

  async function signOut(options: { wipe?: boolean, force?: boolean } = {}) {
    // First the engine: it may refuse while work is unsynced.
    if (!syncOff) await session.signOut(options)
    await $fetch('/api/auth/sign-out', { method: 'POST' })
    await fetchSession()
    guest.value = false
    await navigateTo('/sign-in')
  }

  return {
    user,
    guest,
    syncOff,
    displayName: computed(() => user.value?.name ?? 'Guest'),
    entered: computed(() => syncOff || guest.value || user.value !== null),
    signIn,
    continueAsGuest,
    signOut,
  }
}
