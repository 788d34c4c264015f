/** The page is left at the very moment of a sign-out, also of one in another tab. */
export default defineNuxtPlugin({
  name: 'playground-follow-sign-out',
  dependsOn: ['convex-sync'],
  setup(nuxtApp) {
    const session = useSyncSession()
    const { user, leave } = useAccount()
    watch(() => session.status, (status, before) => {
      // Only a sign-out leads here. Whoever is not known when the page loads may be so in a moment.
      if (status === 'unauthenticated' && before !== 'loading' && user.value) void nuxtApp.runWithContext(leave)
    }, { flush: 'sync' })
  },
})
