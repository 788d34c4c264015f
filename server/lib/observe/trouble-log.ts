import type { GatewayLogger } from './gateway-logger'

/** While the trouble lasts, one line is logged in this time, in milliseconds. */
const QUIET_MS = 10_000

/** Logs a trouble that every request meets: at once, then only now and then. Otherwise the log could fill the disk. */
export class TroubleLog {
  #quietUntil = 0
  #kept = 0

  constructor(private readonly message: string, private readonly logger: GatewayLogger | undefined, private readonly now: () => number) {}

  report(error: unknown): void {
    const now = this.now()
    if (now < this.#quietUntil) {
      this.#kept++
      return
    }
    this.logger?.warn(this.message, this.#kept ? { error, notLogged: this.#kept } : { error })
    this.#quietUntil = now + QUIET_MS
    this.#kept = 0
  }
}
