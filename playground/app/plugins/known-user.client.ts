/** Keeps the user of the last page while the server cannot be asked who it is. */
export default defineNuxtPlugin({
  name: 'playground-known-user',
  dependsOn: ['convex-sync'],
  setup(nuxtApp) {
    const { user, session } = useUserSession()
    // Null: it could not be asked. A server that knows nobody answers with an empty session.
    if (!nuxtApp.payload.serverRendered && session.value === null && !isSignOutUntold()) {
      const known = knownUser()
      if (known) session.value = { id: '', user: known }
    }
    watch(user, (now) => { if (now) keepUser(now) }, { immediate: true })
  },
})
