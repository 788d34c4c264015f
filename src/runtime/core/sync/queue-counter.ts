import type { EngineDatabase } from './database/sync-database'
import type { SyncEnvironment } from './environment'

/** At most one count in this time: a queue of 10,000 edits takes a while to read. */
const PAUSE_MS = 100

export interface QueueCounts {
  pendingCount: number
  failedCount: number
  quarantinedCount: number
}

/** Counts the outbox and the quarantine after changes, gathered: an outbox record holds up to 500 edits, so the store's own count does not do. */
export class QueueCounter {
  #running: Promise<void> | null = null
  #again = false
  #stopped = false
  #endPause: (() => void) | null = null

  constructor(private readonly options: { db: EngineDatabase, env: Pick<SyncEnvironment, 'clock' | 'log'>, onCount: (counts: QueueCounts) => void }) {}

  /** Resolves when a count that began after this call has been told. */
  async recount(): Promise<void> {
    this.#stopped = false
    if (this.#running) {
      this.#again = true
      await this.#running
      return
    }
    this.#running = this.#loop().finally(() => { this.#running = null })
    await this.#running
  }

  /** Resolves when no count is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#endPause?.()
    await this.#running
  }

  async #loop(): Promise<void> {
    do {
      this.#again = false
      try { this.options.onCount(await this.#count()) }
      catch (error) { this.options.env.log.debug('Outbox and quarantine could not be counted', error) }
      if (this.#again && !this.#stopped) await this.#pause()
    } while (this.#again && !this.#stopped)
  }

  async #pause(): Promise<void> {
    const { clock } = this.options.env
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, PAUSE_MS)
      this.#endPause = () => {
        clock.clearTimeout(timer)
        resolve()
      }
    })
    this.#endPause = null
  }

  async #count(): Promise<QueueCounts> {
    const { pending_ops, sync_quarantine } = this.options.db
    const counts = { pendingCount: 0, failedCount: 0, quarantinedCount: await sync_quarantine.where('reason').equals('schema').count() }
    // Mostly it is empty, and that is quick to see.
    if (await pending_ops.count() === 0) return counts
    await pending_ops.each(({ status, ops }) => {
      if (status === 'failed') counts.failedCount += ops.length
      else counts.pendingCount += ops.length
    })
    return counts
  }
}
