import type { EngineDatabase } from './database/sync-database'
import type { SyncEnvironment } from './environment'

/** At most one count in this time: a queue of 10,000 edits takes a while to read. */
const PAUSE_MS = 100

export interface QueueCounts {
  pendingCount: number
  failedCount: number
}

/** Counts the outbox after changes, gathered: an outbox record holds up to 500 edits, so the store's own count does not do. */
export class QueueCounter {
  #running: Promise<void> | null = null
  #again = false
  #stopped = false
  #endPause: (() => void) | null = null
  /** Waiting outbox records of one edit: they may go, but never change. */
  #singles: ReadonlySet<number> = new Set()
  /** The connection they were read through: another one may be of another database. */
  #connection: IDBDatabase | null = null

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
      catch (error) { this.options.env.log.debug('The outbox could not be counted', error) }
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
    const { db } = this.options
    return await db.transaction('r!', db.pending_ops, async () => {
      const connection = db.backendDB()
      if (this.#connection !== connection) this.#singles = new Set()
      this.#connection = connection
      const [held, failed, pending] = await Promise.all([
        // Each of these records holds one edit.
        db.pending_ops.where('status').equals('held').count(),
        db.pending_ops.where('status').equals('failed').count(),
        db.pending_ops.where('status').equals('pending').primaryKeys(),
      ])
      return { pendingCount: held + await this.#countPending(pending), failedCount: failed }
    })
  }

  async #countPending(ids: readonly number[]): Promise<number> {
    const unknown = ids.filter(id => !this.#singles.has(id))
    const records = (await this.options.db.pending_ops.bulkGet(unknown)).filter(record => record !== undefined)
    const singles = records.filter(({ ops }) => ops.length === 1).map(({ id }) => id!)
    const count = records.reduce((sum, { ops }) => sum + ops.length, 0) + ids.length - unknown.length
    this.#singles = new Set([...ids.filter(id => this.#singles.has(id)), ...singles])
    return count
  }
}
