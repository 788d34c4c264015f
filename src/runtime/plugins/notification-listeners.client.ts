import { defineNuxtPlugin } from '#app'
import { createConsoleLogger } from '../app/console-logger'
import { asEngineDatabase, useSyncClient } from '../app/sync-client'
import { useHooks } from '../composables/use-hooks'
import { createEnvironment } from '../core/sync/environment/environment'
import { listenForNotices } from '../core/sync/face/notification-center'

/** Writes the notices that `useNotifications` shows, from what the engine reports by its hooks. */
export default defineNuxtPlugin({
  name: 'notification-listeners',
  dependsOn: ['convex-sync'],
  setup() {
    const client = useSyncClient()
    if (!client?.session) return
    const env = createEnvironment({ log: createConsoleLogger() })
    listenForNotices({
      hooks: useHooks(), env,
      db: () => asEngineDatabase(client.db.value!),
      storeTime: () => client.engine.value?.storeTime() ?? env.clock.now(),
    })
  },
})
