import { CLIENT_CODES, WIRE_CODES } from './code-entries'
import type { ErrorEntry, ErrorSource } from './error-entry'
import { PAGE_LINES } from './page-entries'
import { REASONS } from './reason-entries'
import { BUILD_MESSAGES, SERVER_MESSAGES } from './start-entries'

function entriesOf(source: ErrorSource, texts: Readonly<Record<string, Omit<ErrorEntry, 'code' | 'source'>>>): ErrorEntry[] {
  return Object.entries(texts).map(([code, text]) => ({ code, source, ...text }))
}

/** Every error, reason and message with its cause and its fix. `docs/errors.md` is written from it. */
export const ERROR_LIST: readonly ErrorEntry[] = [
  ...entriesOf('wire', WIRE_CODES),
  ...entriesOf('client', CLIENT_CODES),
  ...entriesOf('reason', REASONS),
  ...entriesOf('page', PAGE_LINES),
  ...entriesOf('build', BUILD_MESSAGES),
  ...entriesOf('start', SERVER_MESSAGES),
]

/** @returns what is known of a code; undefined for a code that does not exist. */
export function findError(code: string): ErrorEntry | undefined {
  return ERROR_LIST.find(entry => entry.code === code)
}
