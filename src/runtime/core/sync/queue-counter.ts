import type { Collection } from 'dexie'
import type { OutboxRecord } from './database/engine-records'
import type { EngineDatabase } from './database/sync-database'
import type { SyncEnvironment } from './environment'

/** At most one count in this time: a queue of 10,000 edits takes a while to read. */
const PAUSE_MS = 100

export interface QueueCounts {
  pendingCount: number
  failedCount: number
  quarantinedCount: number
}

/** Outbox records that were read once, and are not read again. */
interface KnownRecords {
  /** How many edits each that waits holds, by id. */
  sizes: Map<number, number>
  /** The highest id that was read. */
  last: number
}

/** Counts the outbox and the quarantine after changes, gathered: an outbox record holds up to 500 edits, so the store's own count does not do. */
export class QueueCounter {
  #running: Promise<void> | null = null
  #again = false
  #stopped = false
  #endPause: (() => void) | null = null
  #known: KnownRecords = { sizes: new Map(), last: 0 }
  /** The connection they were read through: another one may be of another database. */
  #connection: IDBDatabase | null = null

  constructor(private readonly options: { db: EngineDatabase, env: Pick<SyncEnvironment, 'clock' | 'log'>, onCount: (counts: QueueCounts) => void }) {}

  /** Resolves when a count that began after this call has been told. `isRewritten`: records may hold fewer edits than when they were read. */
  async recount({ isRewritten = false } = {}): Promise<void> {
    this.#stopped = false
    if (isRewritten) this.#known = { sizes: new Map(), last: 0 }
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
    const { db } = this.options
    return await db.transaction('r!', db.pending_ops, db.sync_quarantine, async () => {
      const connection = db.backendDB()
      if (this.#connection !== connection) this.#known = { sizes: new Map(), last: 0 }
      this.#connection = connection
      // Another one than before where a recount is asked for meanwhile: what is read here is not kept then.
      const known = this.#known
      const quarantined = db.sync_quarantine.where('reason').equals('schema').count()
      const [quarantinedCount, held, failed, pending] = await Promise.all([quarantined, this.#records('held').count(), this.#records('failed').count(), this.#records('pending').count(), this.#readNew(known)])
      if (known.sizes.size !== pending) await this.#readChanged(known)
      // A record that is held, or was refused, is one edit.
      return { pendingCount: held + [...known.sizes.values()].reduce((sum, size) => sum + size, 0), failedCount: failed, quarantinedCount }
    })
  }

  #records(status: OutboxRecord['status']): Collection<OutboxRecord, number> {
    return this.options.db.pending_ops.where('status').equals(status)
  }

  /** Whatever is new has a higher id than all that was there before. */
  async #readNew(known: KnownRecords): Promise<void> {
    if (!known.last) return
    for (const record of await this.options.db.pending_ops.where(':id').above(known.last).toArray()) note(known, record)
  }

  /** Some of them are gone, or none is known yet. */
  async #readChanged(known: KnownRecords): Promise<void> {
    const { pending_ops } = this.options.db
    const [ids, newest] = await Promise.all([this.#records('pending').primaryKeys(), pending_ops.orderBy(':id').last()])
    for (const record of await pending_ops.bulkGet(ids.filter(id => !known.sizes.has(id)))) if (record) note(known, record)
    const waiting = new Set(ids)
    for (const id of known.sizes.keys()) if (!waiting.has(id)) known.sizes.delete(id)
    known.last = Math.max(known.last, newest?.id ?? 0)
  }
}

function note(known: KnownRecords, { id, status, ops }: OutboxRecord): void {
  known.last = Math.max(known.last, id!)
  if (status === 'pending') known.sizes.set(id!, ops.length)
}
