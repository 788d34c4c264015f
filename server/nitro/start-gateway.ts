import type { NitroApp } from 'nitropack/types'
import { useRuntimeConfig, useStorage } from 'nitropack/runtime'
import schema from '#or3-sync-virtual/schema'
import type { SyncSchema } from '#or3-sync/shared/sync/sync-schema'
import type { SyncSwitches } from '#or3-sync/shared/sync/switches'
import { memoryBackend } from '../lib/backends/memory'
import { createSyncGateway } from '../lib/create-sync-gateway'
import type { SyncGateway } from '../lib/create-sync-gateway'
import { prometheusMetrics } from '../lib/prometheus-metrics'
import { StorageRateLimiter } from '../lib/storage-rate-limiter'
import { openBackend } from './open-backend'
import { openTokens } from './open-tokens'
import { resolveSession } from './resolve-session'
import { stderrLogger } from './stderr-logger'

/** The gateway of this server. With sync off it answers 404 everywhere and no store is opened. */
export async function startGateway(nitroApp: NitroApp, switches: SyncSwitches): Promise<SyncGateway> {
  const { rateLimits: { storage, ...rateLimits }, streamLimits, memoryLimits, purgeAfterDays, metricsToken } = useRuntimeConfig().or3Sync
  const tokens = await openTokens()
  const backend = switches.enabled ? await openBackend(switches, tokens) : memoryBackend()
  if (switches.enabled) stderrLogger.info('[or3-sync] started', { backend: backend.id })
  return createSyncGateway({
    schema: schema as SyncSchema,
    backend,
    enabled: () => switches.enabled,
    session: event => resolveSession(event, nitroApp),
    rateLimits,
    rateLimiter: storage ? new StorageRateLimiter(useStorage(storage)) : undefined,
    allowedOrigins: switches.allowedOrigins,
    tokens,
    streamLimits,
    memoryLimits,
    purgeAfterDays,
    // A scraper without a token would be anybody: the one switches on the other.
    metrics: metricsToken && switches.enabled ? await prometheusMetrics() : undefined,
    metricsToken,
    logger: stderrLogger,
    onPushed: (event, pushed) => nitroApp.hooks.callHook('or3-sync:pushed', event, pushed),
  })
}
