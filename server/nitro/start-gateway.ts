import type { NitroApp } from 'nitropack/types'
import { useRuntimeConfig } from 'nitropack/runtime'
import schema from '#or3-sync-virtual/schema'
import type { SyncSchema } from '#or3-sync/shared/sync/sync-schema'
import type { SyncSwitches } from '#or3-sync/shared/sync/switches'
import { memoryBackend } from '../lib/backends/memory'
import { createSyncGateway } from '../lib/create-sync-gateway'
import type { SyncGateway } from '../lib/create-sync-gateway'
import { openBackend } from './open-backend'
import { openTokens } from './open-tokens'
import { resolveSession } from './resolve-session'
import { stderrLogger } from './stderr-logger'

/** The gateway of this server. With sync off it answers 404 everywhere and no store is opened. */
export async function startGateway(nitroApp: NitroApp, switches: SyncSwitches): Promise<SyncGateway> {
  const tokens = await openTokens()
  return createSyncGateway({
    schema: schema as SyncSchema,
    backend: switches.enabled ? await openBackend(switches, tokens) : memoryBackend(),
    enabled: () => switches.enabled,
    session: event => resolveSession(event, nitroApp),
    allowedOrigins: switches.allowedOrigins,
    rateLimits: useRuntimeConfig().or3Sync.rateLimits,
    tokens,
    logger: stderrLogger,
    onPushed: (event, pushed) => nitroApp.hooks.callHook('or3-sync:pushed', event, pushed),
  })
}
