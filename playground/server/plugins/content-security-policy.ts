/** A browser that syncs with Convex itself must be let through to it. The deployment is known when the server starts. */
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
