import { useRuntimeConfig } from 'nitropack/runtime'
import { PUBLIC_SETTINGS, SERVER_RUNTIME_SETTINGS } from '#or3-sync/shared/sync/settings/module-settings'
import type { PublicSettings, ServerSettings } from '#or3-sync/shared/sync/settings/module-settings'
import { readSettings } from '#or3-sync/shared/sync/settings/read-settings'

export interface StartSettings {
  /** The settings that the browser may see. */
  shared: PublicSettings
  server: ServerSettings
  /** Whether sync runs. */
  isOn: boolean
}

/**
 * Reads the settings when the server starts: from the environment, else from runtime config with its `NUXT_…` overrides, else from the build.
 *
 * @throws Error of one line for a value that is not accepted.
 */
export function readStartSettings(): StartSettings {
  const config = useRuntimeConfig()
  const shared = readSettings(PUBLIC_SETTINGS, { name: 'or3Sync', values: config.public.or3Sync, env: process.env, prefix: 'NUXT_PUBLIC_OR3_SYNC' })
  const server = readSettings(SERVER_RUNTIME_SETTINGS, { name: 'or3Sync', values: config.or3Sync, env: process.env, prefix: 'NUXT_OR3_SYNC' })
  return { shared, server, isOn: shared.enabled && shared.ssrAuthEnabled }
}
