/** Logs at startup, and tells every page, whether a name without a password is enough to sign in. */
export default defineNitroPlugin((nitro) => {
  const demo = isDemo()
  if (!demo) useLog().warn(`[playground] ${HOW_TO_SWITCH_DEMO_ON}`)
  // Server-rendered pages carry the request's copy of the public runtime config.
  nitro.hooks.hook('request', (event) => { useRuntimeConfig(event).public.demo = demo })
})
