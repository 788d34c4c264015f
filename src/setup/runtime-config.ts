import type { Nuxt } from '@nuxt/schema'
import { defu } from 'defu'
import type { ModuleOptions } from '../options'
import type { ModulePublicRuntimeConfig, ModuleRuntimeConfig } from '../runtime-config'
import { MODULE_SETTINGS, PUBLIC_SETTINGS, SERVER_RUNTIME_SETTINGS } from '../runtime/shared/sync/settings/module-settings'
import { readSettings, type SettingValues } from '../runtime/shared/sync/settings/read-settings'

/** The settings at build time: from the environment, else from the options. */
export type BuildSettings = SettingValues<typeof MODULE_SETTINGS>

/**
 * Reads the environment and the options, and writes them to runtime config. Every key gets a value, because Nuxt ignores a `NUXT_…` override
 * of a key that is missing. The server reads the environment again when it starts; a static build keeps the values of the build.
 *
 * @throws Error of one line for a value or a name that is not accepted.
 */
export function setupRuntimeConfig(options: ModuleOptions, nuxt: Nuxt): BuildSettings {
  const settings = readSettings(MODULE_SETTINGS, { name: 'or3Sync', values: options, env: process.env })
  const { enabled, ssrAuthEnabled, provider, convexUrl, projectId, clientLogLevel, inspector, schema: _, ...server } = settings
  const config = nuxt.options.runtimeConfig
  // Runtime config that the app has set itself wins over the options.
  const forServer = defu(config.or3Sync, {
    ...server,
    // Secrets from the environment of the build must not end up in its output. The server reads those variables itself.
    databaseUrl: options.databaseUrl ?? '',
    token: { key: '', previousKey: '', ...server.token },
  })
  const forAll = defu(config.public.or3Sync, { enabled, ssrAuthEnabled, provider, convexUrl, projectId, clientLogLevel, inspector })
  readSettings(SERVER_RUNTIME_SETTINGS, { name: 'runtimeConfig.or3Sync', values: forServer })
  readSettings(PUBLIC_SETTINGS, { name: 'runtimeConfig.public.or3Sync', values: forAll })
  config.or3Sync = asJson(forServer) as ModuleRuntimeConfig['or3Sync']
  config.public.or3Sync = forAll as ModulePublicRuntimeConfig['or3Sync']
  return settings
}

/** Runtime config is written as JSON, which has no Infinity. It is written as text, which the server reads back at startup. */
function asJson(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, each === Infinity ? 'Infinity' : isGroup(each) ? asJson(each) : each]))
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
