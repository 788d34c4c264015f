import type { ModulePublicRuntimeConfig, ModuleRuntimeConfig } from './runtime-config'
import type appSchema from '#or3-sync-virtual/schema'
import type { SyncNitroHooks } from './runtime/nitro-hooks'
import type { SchemaTables } from './runtime/shared/sync/schema/sync-schema'

// Types that an app gets from generated files. The module's own sources need them here.
declare module '@nuxt/schema' {
  interface RuntimeConfig extends ModuleRuntimeConfig {}
  interface PublicRuntimeConfig extends ModulePublicRuntimeConfig {}
}

declare module 'nitropack/types' {
  interface NitroRuntimeHooks extends SyncNitroHooks<SchemaTables<typeof appSchema>> {}
}
