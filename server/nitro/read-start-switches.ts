import { useRuntimeConfig } from 'nitropack/runtime'
import { readSwitches } from '#or3-sync/shared/sync/switches'
import type { SyncSwitches } from '#or3-sync/shared/sync/switches'

/** The switches as this server starts: the environment now, else runtime config with its `NUXT_…` overrides, else the build. */
export function readStartSwitches(): SyncSwitches {
  const { or3Sync, public: { or3Sync: shared } } = useRuntimeConfig()
  return readSwitches(process.env, {
    ssrAuthEnabled: shared.ssrAuthEnabled,
    enabled: shared.enabled,
    provider: shared.provider,
    convexUrl: shared.convexUrl,
    backend: or3Sync.backend,
    sqlitePath: or3Sync.sqlitePath,
    databaseUrl: or3Sync.databaseUrl,
    allowedOrigins: or3Sync.allowedOrigins,
  })
}
