/** The part of a logger that the Convex store needs. `GatewayLogger` has it. */
export interface ConvexLogger {
  warn(message: string, fields?: Record<string, unknown>): void
}
