import type { GatewayLogger } from './gateway-logger'

/** What users bring may differ without end: no more different lines than this. */
const MAX_LINES = 100

/** Tells the operator of each thing that the app should mend once, however many requests meet it. */
export class WarnOnce {
  readonly #told = new Set<string>()

  constructor(private readonly logger: GatewayLogger | undefined) {}

  warn(message: string): void {
    if (this.#told.has(message) || this.#told.size >= MAX_LINES) return
    this.#told.add(message)
    this.logger?.warn(message)
  }
}
