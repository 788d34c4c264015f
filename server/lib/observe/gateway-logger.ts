/**
 * Where the gateway reports what nobody else hears of. Default: nowhere. `fields` name routes, codes and counts, and hold the
 * `error` where there was one; never payloads, headers or tokens.
 */
export interface GatewayLogger {
  /** What should not happen, and is a fault. */
  error(message: string, fields?: Record<string, unknown>): void
  /** What should not last: the store is away. */
  warn(message: string, fields?: Record<string, unknown>): void
  /** What happens once in a while: start, stop, garbage collection. */
  info?(message: string, fields?: Record<string, unknown>): void
  /** Every refused request. */
  debug?(message: string, fields?: Record<string, unknown>): void
}
