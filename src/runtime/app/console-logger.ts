import type { SyncLogger } from '../core/sync/environment'

const PREFIX = '[or3-sync]'

/** The app's logger: warnings and errors always, the rest in development. The engine itself is silent by default. */
export function createConsoleLogger(): SyncLogger {
  const verbose = import.meta.dev ? (level: 'debug' | 'info') => (message: string, ...details: unknown[]) => globalThis.console[level](PREFIX, message, ...details) : () => () => {}
  return {
    debug: verbose('debug'),
    info: verbose('info'),
    warn: (message, ...details) => globalThis.console.warn(PREFIX, message, ...details),
    error: (message, ...details) => globalThis.console.error(PREFIX, message, ...details),
  }
}
