/** Adds the Convex deployment to the content security policy, so that browsers may sync with it directly. Its URL is known when the server starts. */
export default defineNitroPlugin((nitro) => {
  const { convexUrl } = useRuntimeConfig().public.or3Sync
  const url = process.env.VITE_CONVEX_URL || process.env.CONVEX_URL || convexUrl
  if (!url || !URL.canParse(url)) return
  const { origin } = new URL(url)
  nitro.hooks.hook('nuxt-security:routeRules', (rules) => {
    const headers = rules['/**']?.headers
    const policy = headers && headers.contentSecurityPolicy
    if (!policy || typeof policy === 'string') return
    policy['connect-src'] = ['\'self\'', origin, origin.replace(/^http/, 'ws')]
  })
})
