import { useRuntimeConfig } from '#app'
import type { SyncLogger } from '../core/sync/environment/environment'
import { isLogged, type LogLevel } from '../shared/sync/settings/log-level'

const PREFIX = '[or3-sync]'

/** How loud the app's logger is. To be called in Nuxt's context. */
export function consoleLevel(): LogLevel {
  return useRuntimeConfig().public.or3Sync.clientLogLevel as LogLevel | '' || (import.meta.dev ? 'debug' : 'warn')
}

/**
 * The app's logger, as loud as `clientLogLevel` says: by default everything in development, else warnings and errors. The engine itself is
 * silent by default. To be called in Nuxt's context.
 */
export function createConsoleLogger(): SyncLogger {
  const level = consoleLevel()
  const write = (own: Exclude<LogLevel, 'silent'>): SyncLogger[typeof own] => isLogged(own, level)
    ? (message, ...details) => globalThis.console[own](PREFIX, message, ...details)
    : () => {}
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
