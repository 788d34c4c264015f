/** What the way to a deployment needs of a logger; the gateway's has it. */
export interface ConvexLogger {
  warn(message: string, fields?: Record<string, unknown>): void
}
