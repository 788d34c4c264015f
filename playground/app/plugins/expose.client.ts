/** For looking in from the browser's console and from the end-to-end tests. The playground only. */
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
