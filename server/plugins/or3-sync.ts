import type { NitroApp } from 'nitropack/types'
import { defineNitroPlugin, useRuntimeConfig } from 'nitropack/runtime'
import { ignoreLostReader } from '../lib/observe/ignore-lost-reader'
import type { StartCode } from '#or3-sync/shared/sync/errors/start-entries'
import { withLink } from '#or3-sync/shared/sync/errors/start-error'
import { GATEWAY_BASE } from '#or3-sync/shared/sync/protocol/limits'
import { oneSwitch } from '#or3-sync/shared/sync/settings/one-switch'
import { unknownVariables } from '#or3-sync/shared/sync/settings/unknown-variables'
import { pageContext } from '../nitro/page-context'
import { drainOnSignal } from '../nitro/drain-on-signal'
import { readStartSettings } from '../nitro/read-start-settings'
import type { StartSettings } from '../nitro/read-start-settings'
import { warnWithoutSession } from '../nitro/warn-without-session'
import { startGateway } from '../nitro/start-gateway'
import { stderrLogger } from '../nitro/stderr-logger'
import { exitOnFailedStart } from '../nitro/exit-on-failed-start'
import { closeSyncGateway, setSyncGateway, startedGateway } from '../nitro/started-gateway'

/** Starts the gateway with the server, and gives the browser the settings that the server was started with. */
export default defineNitroPlugin((nitroApp) => {
  // First of all: Nitro and the app may write to these streams, too.
  for (const log of [process.stdout, process.stderr]) ignoreLostReader(log)
  const settings = readOrStop()
  for (const line of unknownVariables(process.env)) warnOfSettings(line, 'unknown-variable')
  const forgotten = oneSwitch(settings.shared)
  // An app may sign users in and not sync: that is said in development only.
  if (forgotten && (import.meta.dev || settings.shared.enabled) && !import.meta.prerender) warnOfSettings(forgotten, 'one-switch')
  setSyncGateway({ start: () => startGateway(nitroApp, settings).catch(exitOnFailedStart), isOn: settings.isOn })
  // A server starts the gateway at once, so that a wrong setting is found at once. While prerendering it starts only when a request needs it:
  // the machine that builds may not reach the store of production, and must not write to it.
  if (!import.meta.prerender) void startedGateway()
  preparePages(nitroApp, settings)
  nitroApp.hooks.hook('close', closeSyncGateway)
  if (!settings.isOn) return
  // While prerendering, the process belongs to the build. In development the server is a worker, which gets no signals.
  if (!import.meta.dev && !import.meta.prerender) drainOnSignal()
  // Plugins of the app may still follow. All plugins run synchronously, so `setImmediate` comes after them.
  setImmediate(() => warnWithoutSession(nitroApp))
})

/** In development, with a link to the docs. */
function warnOfSettings(line: string, code: StartCode): void {
  stderrLogger.warn(import.meta.dev ? withLink(line, code) : line)
}

function readOrStop(): StartSettings {
  try { return readStartSettings() }
  catch (error) { return exitOnFailedStart(error) }
}

/**
 * Server-rendered pages carry the request's public runtime config. This puts the settings of the start there; otherwise it has those of the
 * build. It also gives the app that renders the page its way to the store.
 */
function preparePages(nitroApp: NitroApp, { shared, isOn }: StartSettings): void {
  nitroApp.hooks.hook('request', (event) => {
    // Nitro copies the config on first use. Sync requests do not need it.
    if (event.path.startsWith(`${GATEWAY_BASE}/`)) return
    Object.assign(useRuntimeConfig(event).public.or3Sync, shared)
    event.context.or3Sync = pageContext(event, isOn)
  })
}
