import type { NitroApp } from 'nitropack/types'
import { useStorage } from 'nitropack/runtime'
import schema from '#or3-sync-virtual/schema'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { memoryBackend } from '../lib/backends/memory'
import { createSyncGateway } from '../lib/create-sync-gateway'
import type { SyncGateway } from '../lib/create-sync-gateway'
import { prometheusMetrics } from '../lib/observe/prometheus-metrics'
import { StorageRateLimiter } from '../lib/limits/storage-rate-limiter'
import { hookListeners } from './hook-listeners'
import { openBackend } from './open-backend'
import { openTokens } from './open-tokens'
import type { StartSettings } from './read-start-settings'
import { resolveSession } from './resolve-session'
import { stderrLogger } from './stderr-logger'
import { tellChanged } from './tell-changed'

/** Creates the server's gateway. With sync off every route answers 404 and no store is opened. */
export async function startGateway(nitroApp: NitroApp, settings: StartSettings): Promise<SyncGateway> {
  const { isOn, server: { rateLimits: { storage, ...rateLimits }, allowedOrigins, streamLimits, memoryLimits, purgeAfterDays, metricsToken } } = settings
  const tokens = await openTokens(settings)
  const backend = isOn ? await openBackend(settings, tokens) : memoryBackend()
  if (isOn) stderrLogger.info('[or3-sync] started', { backend: backend.id })
  return createSyncGateway({
    schema: schema as SyncSchema,
    backend,
    enabled: () => isOn,
    session: event => resolveSession(event, nitroApp),
    rateLimits,
    rateLimiter: storage ? new StorageRateLimiter(useStorage(storage)) : undefined,
    allowedOrigins,
    tokens,
    streamLimits,
    memoryLimits,
    purgeAfterDays,
    // Without a token anybody could read the metrics, so they are on only when a token is set.
    metrics: metricsToken && isOn ? await prometheusMetrics() : undefined,
    metricsToken,
    logger: stderrLogger,
    onPushed: (event, pushed) => nitroApp.hooks.callHook('or3-sync:pushed', event, pushed),
    onChanged: changed => tellChanged(nitroApp, changed),
    hasChangedListeners: () => hookListeners(nitroApp, 'or3-sync:changed').length > 0,
  })
}
