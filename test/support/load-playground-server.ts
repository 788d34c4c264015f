import { createHooks } from 'hookable'
import { createSyncGateway, memoryBackend } from 'or3-sync/server'
import { vi } from 'vitest'
import type { SyncNitroHooks } from '../../src/runtime/nitro-hooks'
import type { SchemaTables } from '../../src/runtime/shared/sync/schema/sync-schema'
import schema from '../../playground/shared/sync.schema'

/**
 * A gateway with the playground's schema, for server code of the playground. What Nitro does for that code is done here: auto-imports, and the
 * hook `or3-sync:changed`.
 */
export function loadPlaygroundServer(globals: Record<string, unknown> = {}) {
  const hooks = createHooks<SyncNitroHooks<SchemaTables<typeof schema>>>()
  const sync = createSyncGateway({ schema, backend: memoryBackend(), session: () => null, onChanged: async (info) => { await hooks.callHook('or3-sync:changed', info) } })
  const errors: string[] = []
  const auto = {
    defineNitroPlugin: (setup: unknown) => setup,
    defineTask: (task: unknown) => task,
    useSyncGateway: () => sync,
    useLog: () => ({ error: (message: string) => errors.push(message) }),
    ...globals,
  }
  for (const [name, value] of Object.entries(auto)) vi.stubGlobal(name, value)
  return { sync, hooks, errors }
}
