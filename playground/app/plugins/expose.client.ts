/** Exposes the app's parts to the browser's console and to the end-to-end tests. Only the playground does this. */
export default defineNuxtPlugin({
  name: 'playground-expose',
  dependsOn: ['convex-sync'],
  setup(nuxtApp) {
    const session = useSyncSession()
    const userSession = useUserSession()
    const status = useSyncStatus()
    Object.assign(window, {
      __or3: {
        getDb,
        session,
        userSession,
        status,
        get engine() { return nuxtApp.$syncEngine },
      },
    })
  },
})
