import type { Writable } from 'node:stream'
import { isLogged } from '#or3-sync/shared/sync/settings/log-level'
import type { LogLevel } from '#or3-sync/shared/sync/settings/log-level'
import type { GatewayLogger } from './gateway-logger'
import { ignoreLostReader } from './ignore-lost-reader'

export interface JsonLoggerOptions {
  /** Takes one line with its line break. Default: writes to stderr, and ignores errors there. */
  write?: (line: string) => void
  /** The least urgent level that is written. Called for each line. Default: `info`. */
  level?: () => LogLevel
  /** Epoch milliseconds. Default: `Date.now`. */
  now?: () => number
}

/** Logs one line of JSON per entry: `{ time, level, message, …fields }`, errors with their causes. */
export function jsonLogger({ write = writerTo(process.stderr), level = () => 'info', now = Date.now }: JsonLoggerOptions = {}): Required<GatewayLogger> {
  const log = (own: LogLevel) => (message: string, fields: Record<string, unknown> = {}) => {
    if (!isLogged(own, level())) return
    const readable = Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? describe(value) : value])
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level: own, message, ...Object.fromEntries(readable) as object })}\n`)
  }
  return { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') }
}

function writerTo(log: Writable): (line: string) => void {
  ignoreLostReader(log)
  return line => void log.write(line)
}

/** Takes a few properties only, because some libraries attach a request with all its headers to their errors. */
function describe(error: Error, depth = 0): object {
  const { name, message, stack, cause } = error
  const { code, errcode } = error as { code?: unknown, errcode?: unknown }
  return { name, message, code, errcode, stack, ...cause instanceof Error && depth < 5 ? { cause: describe(cause, depth + 1) } : {} }
}
