import { useRuntimeConfig } from '#app'
import type { SyncLogger } from '../core/sync/environment/environment'
import { linksOf } from './links-of'
import { isLogged, type LogLevel } from '../shared/sync/settings/log-level'

const PREFIX = '[or3-sync]'

/** The log level of the browser console: `clientLogLevel`, else `debug` in development and `warn` in production. Needs Nuxt's context. */
export function consoleLevel(): LogLevel {
  return useRuntimeConfig().public.or3Sync.clientLogLevel as LogLevel | '' || (import.meta.dev ? 'debug' : 'warn')
}

/**
 * Writes to the browser console what the log level allows, and drops the rest. In development a line with a `SyncError` ends with a link to the
 * docs of its code. Without such a logger the engine is silent. Needs Nuxt's context.
 */
export function createConsoleLogger(): SyncLogger {
  const level = consoleLevel()
  const write = (own: Exclude<LogLevel, 'silent'>): SyncLogger[typeof own] => isLogged(own, level)
    ? (message, ...details) => globalThis.console[own](PREFIX, message, ...details, ...import.meta.dev ? linksOf(details) : [])
    : () => {}
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
