/** Leaves the page as soon as the user signs out, here or in another tab. */
export default defineNuxtPlugin({
  name: 'playground-follow-sign-out',
  dependsOn: ['convex-sync'],
  setup(nuxtApp) {
    const session = useSyncSession()
    const { user, leave } = useAccount()
    watch(() => session.status, (status, before) => {
      // Not from `loading`: when the page loads, the user may be known in a moment.
      if (status === 'unauthenticated' && before !== 'loading' && user.value) void nuxtApp.runWithContext(leave)
    }, { flush: 'sync' })
  },
})
