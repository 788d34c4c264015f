import { defineNuxtModule } from '@nuxt/kit'
import { version } from '../package.json'
import { setupDevtools } from './devtools/setup-devtools'
import type { ModuleOptions } from './options'
import { setupClient } from './setup/client'
import { setupConvex } from './setup/convex'
import { setupGateway } from './setup/gateway'
import { linkToDocs } from './setup/link-to-docs'
import { setupInspector } from './setup/inspector'
import { findPaths } from './setup/paths'
import { setupRuntimeConfig } from './setup/runtime-config'
import { setupSchema } from './setup/schema'
import { setupUserSession } from './setup/user-session'
import { warnOfHost } from './setup/warn-of-host'

export type { LogLevel, MemoryLimitOptions, ModuleOptions, RateLimitOptions, StreamLimitOptions, TokenOptions } from './options'
export type { ModulePublicRuntimeConfig, ModuleRuntimeConfig } from './runtime-config'

export default defineNuxtModule<ModuleOptions>({
  meta: {
    name: 'or3-sync',
    version,
    configKey: 'or3Sync',
    compatibility: { nuxt: '>=4.0.0' },
  },
  async setup(options, nuxt) {
    const paths = findPaths(import.meta.url)

    await linkToDocs(async () => {
      const settings = setupRuntimeConfig(options, nuxt)
      await setupClient(nuxt, paths)
      setupUserSession(nuxt)
      await setupConvex(settings, nuxt)
      await setupSchema(settings, nuxt, paths)
      setupGateway(nuxt, paths)
      setupInspector(paths)
      await setupDevtools(nuxt)
      warnOfHost(settings, nuxt)
    })
  },
})
