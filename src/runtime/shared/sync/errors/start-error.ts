import { docsLink } from './docs-link'
import type { StartCode } from './start-entries'

/** An error that stops the build or the start of the server. Its message is one line. */
export interface StartError extends Error {
  readonly code: StartCode
  readonly isStartError: true
}

/** Makes such an error. `message` is put behind the name of the package. */
export function startError(code: StartCode, message: string, options?: { cause: unknown }): StartError {
  const error = new Error(`[or3-sync] ${message}`, options)
  // Not enumerable: Node prints enumerable properties behind the one line.
  return Object.defineProperties(error, { code: { value: code }, isStartError: { value: true } }) as StartError
}

/** For development: the message of an error, with a link to the page about its code if it has one. */
export function messageWithLink(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return isStartError(error) ? withLink(message, error.code) : message
}

/** A line with a link to the page about its code. */
export function withLink(line: string, code: string): string {
  return `${line} (${docsLink(code)})`
}

export function isStartError(error: unknown): error is StartError {
  return (error as Partial<StartError> | null)?.isStartError === true
}
