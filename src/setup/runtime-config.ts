import type { Nuxt } from '@nuxt/schema'
import { defu } from 'defu'
import type { ModuleOptions } from '../options'
import { readSwitches } from '../runtime/shared/sync/switches'

const MEBIBYTE = 1024 * 1024

/**
 * What is known at build time: environment, else options. Every key has a value, or its `NUXT_…` override would do nothing.
 * The server reads the environment again when it starts; a static build keeps these.
 *
 * @throws Error for an invalid value.
 */
export function setupRuntimeConfig(options: ModuleOptions, nuxt: Nuxt): void {
  const switches = readSwitches(process.env, options)
  const config = nuxt.options.runtimeConfig
  // Runtime config written by the app itself wins over the options.
  config.or3Sync = defu(config.or3Sync, {
    backend: switches.backend,
    sqlitePath: switches.sqlitePath,
    // A secret of the building machine must not end up in the build: the server reads the variable itself.
    databaseUrl: options.databaseUrl ?? '',
    // Keys are secrets, too.
    token: { key: '', previousKey: '', issuer: '', audience: '', ...options.token },
    allowedOrigins: switches.allowedOrigins,
    rateLimits: { push: 3_000, pull: 3_000, cursor: 600, token: 60, bytesIn: 256 * MEBIBYTE, bytesOut: 512 * MEBIBYTE, storage: '', ...options.rateLimits },
    streamLimits: { perUser: 64, total: 10_000, ...options.streamLimits },
    memoryLimits: { perUser: 16 * MEBIBYTE, total: 128 * MEBIBYTE, ...options.memoryLimits },
    purgeAfterDays: options.purgeAfterDays ?? 0,
    logLevel: options.logLevel ?? 'info',
    metricsToken: options.metricsToken ?? '',
  })
  config.public.or3Sync = defu(config.public.or3Sync, {
    enabled: switches.syncEnabled,
    ssrAuthEnabled: switches.ssrAuthEnabled,
    provider: switches.provider,
    convexUrl: switches.convexUrl,
  })
}
