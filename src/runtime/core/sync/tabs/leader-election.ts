import type { SyncEnvironment } from '../environment'

/**
 * One leader per database: the tab that holds the Web Lock pushes and subscribes. Without Web Locks every tab leads, which
 * is only less economical: pushes are idempotent and applying a change twice changes nothing.
 */
export class LeaderElection {
  #abort: AbortController | null = null
  #release: (() => void) | null = null
  #isLeader = false

  constructor(private readonly options: {
    /** Asked when the campaign begins: the database has its name by then. */
    name: () => string
    env: Pick<SyncEnvironment, 'locks' | 'log'>
    onElected: () => void
    /** Must not throw; the lock passes on once it has resolved. */
    onDeposed: () => Promise<void>
  }) {}

  get isLeader(): boolean {
    return this.#isLeader
  }

  start(): void {
    const { locks } = this.options.env
    if (!locks) {
      this.#elect()
      return
    }
    this.#campaign()
  }

  /** Gives leadership up; resolves once its work has stopped. */
  async stop(): Promise<void> {
    this.#abort?.abort()
    this.#abort = null
    await this.#depose()
  }

  #campaign(): void {
    const { locks, log } = this.options.env
    const abort = this.#abort = new AbortController()
    locks!.request(this.options.name(), { signal: abort.signal }, async () => {
      if (abort.signal.aborted) return
      const released = new Promise<void>((resolve) => { this.#release = resolve })
      this.#elect()
      await released
    }).catch((error: unknown) => {
      if (abort.signal.aborted) return
      // Stolen by a tab that took us for frozen: stop at once, then stand in line again.
      log.warn('Leadership was lost', error)
      void this.#depose().then(() => { if (!abort.signal.aborted) this.#campaign() })
    })
  }

  #elect(): void {
    this.#isLeader = true
    this.options.onElected()
  }

  async #depose(): Promise<void> {
    if (this.#isLeader) {
      this.#isLeader = false
      await this.options.onDeposed()
    }
    this.#release?.()
    this.#release = null
  }
}
