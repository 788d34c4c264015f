import { defineNuxtPlugin, useNuxtApp, useRuntimeConfig } from '#app'
import appSchema, { isPreset } from '#or3-sync-virtual/schema'
import { useUserSession } from '#or3-sync-virtual/user-session'
import { version } from '#or3-sync-virtual/version'
import { consoleLevel, createConsoleLogger } from '../app/console-logger'
import { explainOtherStore } from '../app/explain/explain-other-store'
import { warnInsecurePage } from '../app/explain/warn-insecure-page'
import { ConvexOrGatewayProvider } from '../app/convex-or-gateway-provider'
import { gatewayFetch } from '../app/gateway-fetch'
import { followUserSession } from '../app/follow-user-session'
import { loadPageRows } from '../app/queries/followed-query'
import { isSyncOn } from '../app/is-sync-on'
import { openConvexClient } from '../app/open-convex-client'
import { payloadOf } from '../app/queries/page-answers'
import { asEngineDatabase, setSyncClient, SyncClient } from '../app/sync-client'
import { TIMELINE_SIZE } from '../app/timeline-size'
import { useHooks } from '../composables/use-hooks'
import { loadSyncCode } from '../core/sync/life/load-sync-code'
import { GatewaySyncProvider } from '../core/sync/transport/gateway/gateway-sync-provider'
import { syncProviders } from '../core/sync/sync-provider-registry'
import { SyncError } from '../shared/sync/protocol/errors'
import { isLogged } from '../shared/sync/settings/log-level'
import { refuseInTransaction } from '../core/sync/face/outside-transaction'
import type { AppDiagnostics, Diagnosis } from '../app/diagnosis/diagnosis'

/** `useNuxtApp().$syncEngine`: controls the current engine. It stays the same object when the engine is replaced. */
export interface SyncEngineHandle {
  start: () => Promise<void>
  stop: () => Promise<void>
  isRunning: () => boolean
  flush: () => Promise<void>
  rescan: () => Promise<void>
  whenIdle: () => Promise<void>
  /** Resolves when the edits of the row that wait now are stored or beaten. See `SyncEngine.whenSynced`. */
  whenSynced: (tableName: string, pk: string) => Promise<void>
  /** Resolves when a pull that began after this call has brought everything, and it is stored here. See `SyncEngine.whenCaughtUp`. */
  whenCaughtUp: () => Promise<void>
  /** Everything that a bug report needs, without rows, and with the user's id as a hash only. */
  diagnostics: () => Promise<AppDiagnostics>
}

/** Runs the sync engine of the current session. The engine's code is loaded only when sync is on. */
export default defineNuxtPlugin({
  name: 'convex-sync',
  // Before the app's own plugins, which may call `useSyncSession().set()`.
  enforce: 'pre',
  async setup(nuxtApp) {
    const config = useRuntimeConfig()
    const { provider, convexUrl, projectId, enabled, ssrAuthEnabled, inspector } = config.public.or3Sync
    const isInspected = import.meta.dev || Boolean(inspector)
    const isOn = isSyncOn()
    const baseURL = window.location.origin + config.app.baseURL.replace(/\/$/, '')
    const log = createConsoleLogger()
    const gateway = new GatewaySyncProvider({ baseURL, fetch: gatewayFetch.current })
    const prepare = keepConvexProvider(userId => new ConvexOrGatewayProvider({ baseURL, userId, gateway, log, openClient: openConvexClient(convexUrl, log) }))
    // Not in production, unless the app asks for these lines.
    const explains = isLogged('info', consoleLevel()) ? { switches: { enabled, ssrAuthEnabled }, isPreset } : undefined
    const client = new SyncClient({ baseURL, provider, projectId, hooks: useHooks(), log, explains, prepare: provider === 'convex' || convexUrl ? prepare : undefined }, isOn)
    setSyncClient(client)
    if (isOn) {
      warnInsecurePage(window.isSecureContext, log)
      explainOtherStore(useHooks(), log)
      if (useUserSession) followUserSession(useUserSession().session, client.session!)
      syncProviders.register(gateway, { builtIn: true })
      // Beside the engine, so that it is here when the first queries need it. They report it themselves if it cannot be loaded.
      if (payloadOf(useNuxtApp()).or3Sync) loadPageRows().catch(() => {})
      // Beside the engine, which reports it if this part of it cannot be loaded.
      loadSyncCode().catch(() => {})
      // Beside the engine, so that it hears every event.
      client.diagnosis = loadDiagnosis(client, provider, isInspected)
      const [{ createSyncEngine }] = await Promise.all([import('../core/sync/create-sync-engine'), client.diagnosis.catch(() => {})])
      client.attach(createSyncEngine)
      nuxtApp.hook('app:created', () => client.begin())
    }
    return { provide: { syncEngine: createHandle(client) } }
  },
})

async function loadDiagnosis(client: SyncClient, provider: string, isInspected: boolean): Promise<Diagnosis> {
  const hooks = useHooks()
  const { Diagnosis } = await import('../app/diagnosis/diagnosis')
  return new Diagnosis({
    hooks, session: () => client.session!.state, versions: { module: version, schema: appSchema.version }, ...isInspected && { timelineSize: TIMELINE_SIZE },
    provider: () => {
      try { return syncProviders.active(provider) ?? undefined }
      catch { return undefined }
    },
  })
}

/** A Convex client belongs to one user. For another user this registers a new provider and disposes of the old one. */
function keepConvexProvider(make: (userId: string) => ConvexOrGatewayProvider): (userId: string) => void {
  let current: { userId: string, provider: ConvexOrGatewayProvider } | null = null
  return (userId) => {
    const registered = syncProviders.get('convex')
    // Nothing to do: the app has registered its own, or ours belongs to this user already.
    if (registered && (registered !== current?.provider || current.userId === userId)) return
    current = { userId, provider: make(userId) }
    syncProviders.register(current.provider, { builtIn: true })
  }
}

function createHandle(client: SyncClient): SyncEngineHandle {
  const engine = () => {
    if (!client.engine.value) throw new SyncError('SYNC_DISABLED', 'sync is off: set SSR_AUTH_ENABLED and OR3_SYNC_ENABLED to "true" (or the options of or3Sync)')
    return client.engine.value
  }
  return {
    start: async () => await engine().start(),
    stop: async () => await client.engine.value?.stop(),
    isRunning: () => client.engine.value?.isRunning() ?? false,
    flush: async () => await client.engine.value?.flush(),
    rescan: async () => await engine().rescan(),
    whenIdle: async () => await client.engine.value?.whenIdle(),
    whenSynced: async (tableName, pk) => {
      refuseInTransaction('whenSynced')
      // A change of session that is under way may replace the engine, or start it.
      await client.settled()
      await engine().whenSynced(tableName, pk)
    },
    whenCaughtUp: async () => {
      refuseInTransaction('whenCaughtUp')
      await client.settled()
      await engine().whenCaughtUp()
    },
    diagnostics: async () => {
      const { db, diagnostics } = engine()
      return await (await client.diagnosis!).report({ db: asEngineDatabase(db), diagnostics })
    },
  }
}
