import { inTime } from '#or3-sync/shared/sync/waiting/in-time'
import { realTimers } from '#or3-sync/shared/sync/waiting/timers'

/** Counts the requests that are being answered, so that a server can wait for them before it closes its store. */
export class RequestsUnderWay {
  #count = 0
  readonly #waiting: (() => void)[] = []

  /** @returns what to call when the request has been answered */
  begin(): () => void {
    this.#count++
    return () => {
      if (--this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve()
    }
  }

  /** Resolves when no request is being answered any more, or after `timeoutMs`. */
  async finished(timeoutMs: number): Promise<void> {
    if (this.#count === 0) return
    const finished = new Promise<void>((resolve) => { this.#waiting.push(resolve) })
    await inTime(finished, { ms: timeoutMs, timers: realTimers, late: () => {} })
  }
}
