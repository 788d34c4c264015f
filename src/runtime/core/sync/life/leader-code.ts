import type { SyncError } from '../../../shared/sync/protocol/errors'
import { backOff } from '../../../shared/sync/protocol/retry-policy'
import { inTime } from '../../../shared/sync/waiting/in-time'
import type { SyncEnvironment } from '../environment/environment'
import { loadedSyncCode, loadSyncCode } from './load-sync-code'

/** How long a start waits for the code, in milliseconds. */
const WAIT_MS = 3_000

export interface LeaderCodeOptions {
  env: Pick<SyncEnvironment, 'clock' | 'random'>
  /** The code is here. Called also if `load` waits no longer. */
  onLoaded: () => void
  /** It could not be loaded. It is tried again. */
  onFailed: (error: SyncError) => void
}

/** Loads the code for syncing, and tries again until it is here. Edits are captured meanwhile. */
export class LeaderCode {
  #isWanted = false
  #failures = 0
  #timer: unknown

  constructor(private readonly options: LeaderCodeOptions) {}

  /** Resolves when the code is here, could not be loaded, or has not come within 3 s. In the last two cases it is tried on. */
  async load(): Promise<void> {
    if (loadedSyncCode()) return
    this.#isWanted = true
    await inTime(this.#try(), { ms: WAIT_MS, timers: this.options.env.clock, late: () => {} })
  }

  /** There is reason to try again now. */
  wake(): void {
    if (this.#clear()) void this.#try()
  }

  /** The code is not wanted any more. */
  stop(): void {
    this.#isWanted = false
    this.#clear()
  }

  async #try(): Promise<void> {
    const { env, onLoaded, onFailed } = this.options
    try { await loadSyncCode() }
    catch (error) {
      if (!this.#isWanted) return
      this.#timer = env.clock.setTimeout(() => this.wake(), backOff('push', ++this.#failures, env.random))
      onFailed(error as SyncError)
      return
    }
    if (this.#isWanted) onLoaded()
  }

  /** @returns whether a next try was planned. */
  #clear(): boolean {
    const isPlanned = this.#timer !== undefined
    if (isPlanned) this.options.env.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    return isPlanned
  }
}
