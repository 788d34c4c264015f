import type { GatewayLogger } from './gateway-logger'

/** The most different messages that are logged, because users can cause new ones without end. */
const MAX_LINES = 100

/** Warns once about each thing that the app should fix, however many requests meet it. */
export class WarnOnce {
  readonly #told = new Set<string>()

  constructor(private readonly logger: GatewayLogger | undefined) {}

  warn(message: string): void {
    if (this.#told.has(message) || this.#told.size >= MAX_LINES) return
    this.#told.add(message)
    this.logger?.warn(message)
  }
}
