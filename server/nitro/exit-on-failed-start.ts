import { messageWithLink } from '#or3-sync/shared/sync/errors/start-error'

/**
 * Ends the process with one line that says why the server cannot start. Throwing instead would print a stack trace, and after an asynchronous
 * step Nitro would only log the error and keep serving without a store.
 */
export function exitOnFailedStart(error: unknown): never {
  const message = import.meta.dev ? messageWithLink(error) : error instanceof Error ? error.message : String(error)
  process.stderr.write(`${message.replaceAll('\n', ' ')}\n`)
  process.exit(1)
}
