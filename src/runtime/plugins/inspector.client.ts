import { defineNuxtPlugin, useRuntimeConfig } from '#app'
import { useSyncClient } from '../app/sync-client'
import { useHooks } from '../composables/use-hooks'
import { isInspectorPath } from '../inspector/inspector-path'
import type { SyncRole } from '../shared/sync/protocol/types'

/** Never resolves: the app goes no further, because the inspector is shown in its place. */
const never = new Promise<never>(() => {})

/** Lets this page be inspected, in development and where the option `inspector` is set. Elsewhere nothing of the inspector is loaded. */
export default defineNuxtPlugin({
  name: 'or3-sync-inspector',
  // Before the plugin that makes the engine, and before the router's, whose middleware may send the user elsewhere.
  order: -45,
  async setup(nuxtApp) {
    const config = useRuntimeConfig()
    const role = (config.public.or3Sync.inspector || null) as SyncRole | null
    if (!import.meta.dev && !role) return
    const isPage = isInspectorPath(window.location.pathname, config.app.baseURL)
    const hooks = useHooks()
    const { attachInspector, hostOfInspector, showInspector } = await import('../inspector/attach-inspector')
    const host = isPage ? hostOfInspector() : null
    if (host) {
      // The host has an engine. This page must not start another one, so none of the app's other plugins run.
      await showInspector(host)
      await never
    }
    const bridge = attachInspector({ hooks, isDev: import.meta.dev, role: import.meta.dev ? null : role })
    if (!isPage) return
    nuxtApp.hook('app:created', async () => {
      // All plugins have run. That of the engine would begin it after this one, which never ends.
      const client = useSyncClient()!
      if (client.isOn) client.begin()
      await showInspector(bridge)
      await never
    })
  },
})
