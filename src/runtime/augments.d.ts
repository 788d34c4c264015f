import type { ModulePublicRuntimeConfig, ModuleRuntimeConfig } from '../runtime-config'
import type { SyncNitroHooks } from './nitro-hooks'

// What an app gets by generated types, for the module's own sources.
declare module '@nuxt/schema' {
  interface RuntimeConfig extends ModuleRuntimeConfig {}
  interface PublicRuntimeConfig extends ModulePublicRuntimeConfig {}
}

declare module 'nitropack/types' {
  interface NitroRuntimeHooks extends SyncNitroHooks {}
}
