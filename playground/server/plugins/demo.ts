import { jsonLogger } from 'or3-sync/server'

/** Says at the start, and to every page, whether a name is enough to sign in. */
export default defineNitroPlugin((nitro) => {
  const demo = isDemo()
  if (!demo) jsonLogger({ write: line => process.stderr.write(line) }).warn(`[playground] ${HOW_TO_SWITCH_DEMO_ON}`)
  // A page carries this request's copy of the public runtime config.
  nitro.hooks.hook('request', (event) => { useRuntimeConfig(event).public.demo = demo })
})
