import type { NitroApp } from 'nitropack/types'
import { defineNitroPlugin, useRuntimeConfig } from 'nitropack/runtime'
import { ignoreLostReader } from '../lib/ignore-lost-reader'
import { GATEWAY_BASE } from '#or3-sync/shared/sync/limits'
import type { SyncSwitches } from '#or3-sync/shared/sync/switches'
import { drainOnSignal } from '../nitro/drain-on-signal'
import { readStartSwitches } from '../nitro/read-start-switches'
import { sayWhatIsMissing } from '../nitro/say-what-is-missing'
import { startGateway } from '../nitro/start-gateway'
import { stopStart } from '../nitro/stop-start'
import { setSyncGateway, useSyncGateway } from '../nitro/use-sync-gateway'

/** Starts the gateway with the server, and tells the browser what the server was started with. */
export default defineNitroPlugin((nitroApp) => {
  // Before anything is written: what Nitro and the app write there themselves counts, too.
  for (const log of [process.stdout, process.stderr]) ignoreLostReader(log)
  const switches = readOrStop()
  setSyncGateway(startGateway(nitroApp, switches).catch(stopStart))
  tellBrowser(nitroApp, switches)
  nitroApp.hooks.hook('close', async () => (await useSyncGateway()).close())
  if (!switches.enabled) return
  // While prerendering the process is the build's, and in development it is a worker without signals.
  if (!import.meta.dev && !import.meta.prerender) drainOnSignal()
  // Plugins run one after the other without a pause: an app's own may come after this one.
  setImmediate(() => sayWhatIsMissing(nitroApp))
})

function readOrStop(): SyncSwitches {
  try { return readStartSwitches() }
  catch (error) { return stopStart(error) }
}

/** A server-rendered page carries this request's copy of the public runtime config: the values of the start, not of the build. */
function tellBrowser(nitroApp: NitroApp, switches: SyncSwitches): void {
  nitroApp.hooks.hook('request', (event) => {
    // The copy is made on first use, and sync requests have no use for it.
    if (event.path.startsWith(`${GATEWAY_BASE}/`)) return
    const config = useRuntimeConfig(event).public.or3Sync
    config.enabled = switches.enabled
    config.ssrAuthEnabled = switches.ssrAuthEnabled
    config.provider = switches.provider
    config.convexUrl = switches.convexUrl
  })
}
