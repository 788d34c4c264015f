/**
 * Where the gateway reports what no caller sees. Default: nowhere. `fields` hold routes, codes and counts, and the `error` if there was one;
 * never payloads, headers or tokens.
 */
export interface GatewayLogger {
  /** A fault: what should not happen. */
  error(message: string, fields?: Record<string, unknown>): void
  /** Trouble that should pass, such as a store that is away. */
  warn(message: string, fields?: Record<string, unknown>): void
  /** Rare events: start, stop, garbage collection. */
  info?(message: string, fields?: Record<string, unknown>): void
  /** Every refused request. */
  debug?(message: string, fields?: Record<string, unknown>): void
}
