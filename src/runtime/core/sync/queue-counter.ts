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
  /** How many edits each waiting outbox record holds, by id: a record that is read once is not read again. */
  #sizes = new Map<number, number>()
  /** The connection they were read through: another one may be of another database. */
  #connection: IDBDatabase | null = null

  constructor(private readonly options: { db: EngineDatabase, env: Pick<SyncEnvironment, 'clock' | 'log'>, onCount: (counts: QueueCounts) => void }) {}

  /** Resolves when a count that began after this call has been told. `isRewritten`: records may hold fewer edits than when they were read. */
  async recount({ isRewritten = false } = {}): Promise<void> {
    this.#stopped = false
    if (isRewritten) this.#sizes = new Map()
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
      if (this.#connection !== connection) this.#sizes = new Map()
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
    // Another one than before where a recount has been asked for meanwhile: what is read here is not kept then.
    const known = this.#sizes
    const records = await this.options.db.pending_ops.bulkGet(ids.filter(id => !known.has(id)))
    for (const record of records) if (record) known.set(record.id!, record.ops.length)
    const waiting = new Set(ids)
    for (const id of known.keys()) if (!waiting.has(id)) known.delete(id)
    return ids.reduce((sum, id) => sum + (known.get(id) ?? 0), 0)
  }
}
