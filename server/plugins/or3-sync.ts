import type { NitroApp } from 'nitropack/types'
import { defineNitroPlugin, useRuntimeConfig } from 'nitropack/runtime'
import { ignoreLostReader } from '../lib/observe/ignore-lost-reader'
import { GATEWAY_BASE } from '#or3-sync/shared/sync/protocol/limits'
import { unknownVariables } from '#or3-sync/shared/sync/settings/unknown-variables'
import { drainOnSignal } from '../nitro/drain-on-signal'
import { readStartSettings } from '../nitro/read-start-settings'
import type { StartSettings } from '../nitro/read-start-settings'
import { warnWithoutSession } from '../nitro/warn-without-session'
import { startGateway } from '../nitro/start-gateway'
import { stderrLogger } from '../nitro/stderr-logger'
import { exitOnFailedStart } from '../nitro/exit-on-failed-start'
import { closeSyncGateway, setSyncGateway, useSyncGateway } from '../nitro/use-sync-gateway'

/** Starts the gateway with the server, while prerendering with the first request that needs it, and tells the browser what the server was started with. */
export default defineNitroPlugin((nitroApp) => {
  // Before anything is written: what Nitro and the app write there themselves counts, too.
  for (const log of [process.stdout, process.stderr]) ignoreLostReader(log)
  const settings = readOrStop()
  for (const line of unknownVariables(process.env)) stderrLogger.warn(line)
  setSyncGateway(() => startGateway(nitroApp, settings).catch(exitOnFailedStart))
  // The machine that builds need not reach the store of production, and must not write to it. A server finds a wrong setting at once.
  if (!import.meta.prerender) void useSyncGateway()
  tellBrowser(nitroApp, settings)
  nitroApp.hooks.hook('close', closeSyncGateway)
  if (!settings.isOn) return
  // While prerendering the process is the build's, and in development it is a worker without signals.
  if (!import.meta.dev && !import.meta.prerender) drainOnSignal()
  // Plugins run one after the other without a pause: an app's own may come after this one.
  setImmediate(() => warnWithoutSession(nitroApp))
})

function readOrStop(): StartSettings {
  try { return readStartSettings() }
  catch (error) { return exitOnFailedStart(error) }
}

/** A server-rendered page carries this request's copy of the public runtime config: the values of the start, not of the build. */
function tellBrowser(nitroApp: NitroApp, { shared }: StartSettings): void {
  nitroApp.hooks.hook('request', (event) => {
    // The copy is made on first use, and sync requests have no use for it.
    if (event.path.startsWith(`${GATEWAY_BASE}/`)) return
    Object.assign(useRuntimeConfig(event).public.or3Sync, shared)
  })
}
