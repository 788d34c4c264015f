import type { Collection } from 'dexie'
import type { CapturedOp } from '../records/captured-op'
import type { OutboxRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import type { SyncEnvironment } from '../environment/environment'

/** At most one count in this time, in milliseconds: a queue of 10,000 edits takes a while to read. */
const PAUSE_MS = 100

export interface QueueCounts {
  pendingCount: number
  failedCount: number
  quarantinedCount: number
}

/** Outbox records that were read, and need not be read again. */
interface KnownRecords {
  /** How many edits each pending record holds, by id. */
  sizes: Map<number, number>
  /** `sizes` has every pending record up to this id. */
  last: number
}

/** A count that was asked for and has not begun. */
interface Asked {
  told: Promise<void>
  tell: () => void
}

/**
 * Counts the outbox and the quarantine after changes. Changes in quick succession share a count. The outbox's edits have to be added up, because
 * one outbox record holds up to 500 of them.
 */
export class QueueCounter {
  #asked: Asked | null = null
  #running: Promise<void> | null = null
  #isUrgent = false
  #stopped = false
  #endPause: (() => void) | null = null
  /** When the last count ended, in epoch milliseconds. */
  #countedAt = -Infinity
  #known: KnownRecords = { sizes: new Map(), last: 0 }
  /** The connection through which `#known` was read. Another connection may be to another database. */
  #connection: IDBDatabase | null = null

  constructor(private readonly options: { db: EngineDatabase, env: Pick<SyncEnvironment, 'clock' | 'log'>, onCount: (counts: QueueCounts) => void }) {}

  /**
   * Counts again. Resolves when a count that began after this call has been reported. `isRewritten`: records may hold fewer edits than when they
   * were read. `isUrgent`: counts at once. Otherwise it may wait 100 ms, because the app's writes have to wait while it reads.
   */
  async recount({ isRewritten = false, isUrgent = false } = {}): Promise<void> {
    this.#stopped = false
    if (isRewritten) this.#known = { sizes: new Map(), last: 0 }
    if (isUrgent) this.#hurry()
    this.#asked ??= ask()
    const { told } = this.#asked
    this.#running ??= this.#loop()
    await told
  }

  /** This tab has committed edits: how many each record holds is known without reading. */
  committed(ops: readonly CapturedOp[]): void {
    const written = new Map<number, number>()
    for (const { recordId, held } of ops) if (recordId !== undefined && !held) written.set(recordId, (written.get(recordId) ?? 0) + 1)
    for (const [id, size] of written) this.#known.sizes.set(id, size)
  }

  /** Resolves when no count is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#hurry()
    await this.#running
  }

  #hurry(): void {
    this.#isUrgent = true
    this.#endPause?.()
  }

  async #loop(): Promise<void> {
    for (let asked = this.#asked; asked; asked = this.#asked) {
      if (!this.#isUrgent) await this.#pause()
      this.#asked = null
      this.#isUrgent = false
      if (!this.#stopped) await this.#tellCount()
      asked.tell()
    }
    // There is no `await` since the last check of `#asked`: a count that is asked for from now on starts a new loop.
    this.#running = null
  }

  async #tellCount(): Promise<void> {
    const { env, onCount } = this.options
    try { onCount(await this.#count()) }
    catch (error) { env.log.debug('Outbox and quarantine could not be counted', error) }
    this.#countedAt = env.clock.now()
  }

  /** Waits until the last count is long enough ago. */
  async #pause(): Promise<void> {
    const { clock } = this.options.env
    const rest = Math.min(PAUSE_MS, this.#countedAt + PAUSE_MS - clock.now())
    if (rest <= 0) return
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, rest)
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
      // `recount` may replace `#known` meanwhile. What is read here is dropped then.
      const known = this.#known
      const quarantined = db.sync_quarantine.where('reason').equals('schema').count()
      const [quarantinedCount, held, failed, pending] = await Promise.all([quarantined, this.#records('held').count(), this.#records('failed').count(), this.#records('pending').count(), this.#readNew(known)])
      if (known.sizes.size !== pending) await this.#readChanged(known)
      // A held or refused record has exactly one edit.
      return { pendingCount: held + [...known.sizes.values()].reduce((sum, size) => sum + size, 0), failedCount: failed, quarantinedCount }
    })
  }

  #records(status: OutboxRecord['status']): Collection<OutboxRecord, number> {
    return this.options.db.pending_ops.where('status').equals(status)
  }

  /** Reads new records: they have higher ids than all that were there before. */
  async #readNew(known: KnownRecords): Promise<void> {
    if (!known.last) return
    const { pending_ops } = this.options.db
    const ids = await pending_ops.where(':id').above(known.last).primaryKeys()
    await this.#read(known, ids.filter(id => !known.sizes.has(id)))
    known.last = ids.at(-1) ?? known.last
  }

  /** Compares all ids: some known records are gone, or none is known yet. */
  async #readChanged(known: KnownRecords): Promise<void> {
    const { pending_ops } = this.options.db
    const [ids, newest] = await Promise.all([this.#records('pending').primaryKeys(), pending_ops.orderBy(':id').last()])
    await this.#read(known, ids.filter(id => !known.sizes.has(id)))
    const waiting = new Set(ids)
    for (const id of known.sizes.keys()) if (!waiting.has(id)) known.sizes.delete(id)
    known.last = Math.max(known.last, newest?.id ?? 0)
  }

  async #read({ sizes }: KnownRecords, ids: readonly number[]): Promise<void> {
    if (!ids.length) return
    for (const record of await this.options.db.pending_ops.bulkGet([...ids])) {
      if (record?.status === 'pending') sizes.set(record.id!, record.ops.length)
    }
  }
}

function ask(): Asked {
  let tell!: () => void
  const told = new Promise<void>((resolve) => { tell = resolve })
  return { told, tell }
}
