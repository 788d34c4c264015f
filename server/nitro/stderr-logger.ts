import type { GatewayLogger } from '../lib/gateway-options'

/** Nitro hands modules no logger: what the operator must see goes to stderr, one entry a call. */
export const stderrLogger: GatewayLogger = {
  warn: (message, detail) => write('WARN', message, detail),
  error: (message, detail) => write('ERROR', message, detail),
}

function write(level: string, message: string, detail: unknown): void {
  process.stderr.write(`${level} ${message}${detail === undefined ? '' : `: ${describe(detail)}`}\n`)
}

function describe(detail: unknown): string {
  if (!(detail instanceof Error)) return String(detail)
  const text = detail.stack ?? detail.message
  return detail.cause === undefined ? text : `${text}\n  caused by ${describe(detail.cause)}`
}
