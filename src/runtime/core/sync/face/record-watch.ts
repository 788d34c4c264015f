import Dexie, { type ObservabilitySet } from 'dexie'
import { LEADER_CHECK_MS } from '../../../shared/sync/protocol/limits'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import type { EngineContext } from '../context/engine-context'
import type { OutboxEntry } from '../queue/outbox-view'
import type { TombstoneRecord } from '../records/engine-records'
import type { RecordName } from '../records/record-name'
import { storedRows, type StoredRow } from '../records/stored-rows'

/** After a look, the watch rests this many times as long as the look took. So the database is free for the app most of the time. */
const REST_FACTOR = 4
/** The longest rest, in milliseconds. */
const MAX_REST_MS = 500

/** What this device has of a record. All of it is read in one transaction. */
export interface RecordFacts {
  /** Its edits in the outbox, whatever their status, oldest first. */
  edits: readonly OutboxEntry[]
  row: StoredRow | undefined
  tombstone: TombstoneRecord | undefined
  /** The record was in a push under way when the look began. */
  isSending: boolean
  /** The database that this was read from. See `EngineContext.incarnation`. */
  incarnation: number
}

interface Watched {
  name: RecordName
  listeners: Set<(facts: RecordFacts) => void>
}

/**
 * Reads single records again when they may have changed, in any tab. All records that somebody watches are read together, by their keys, in one
 * transaction. Looks do not overlap. While nobody watches, nothing is read.
 */
export class RecordWatch {
  readonly #watched = new Map<string, Watched>()
  #isDue = false
  #isLooking = false
  #isClosed = false
  #retryTimer: unknown
  /** Ends the rest after a look. */
  #endRest = () => {}

  constructor(private readonly options: { context: EngineContext, sending: () => ReadonlySet<string> }) {}

  /**
   * Calls back soon with what is known of the record, and again after each look at the database. The table must be one of the app's, and the listener
   * must not throw.
   * @returns a function that ends this.
   */
  watch([tableName, pk]: RecordName, listener: (facts: RecordFacts) => void): () => void {
    if (this.#isClosed) return () => {}
    const key = recordKey(tableName, pk)
    if (!this.#watched.size) Dexie.on.storagemutated.subscribe(this.#onMutated)
    const watched = this.#watched.get(key) ?? { name: [tableName, pk], listeners: new Set() }
    this.#watched.set(key, watched)
    watched.listeners.add(listener)
    this.look()
    return () => {
      watched.listeners.delete(listener)
      if (watched.listeners.size || this.#watched.get(key) !== watched) return
      this.#watched.delete(key)
      if (!this.#watched.size) this.#rest()
    }
  }

  /** Reads the watched records again: something may have changed that the database does not tell of. */
  look(): void {
    if (!this.#watched.size) return
    this.#isDue = true
    if (this.#isLooking) return
    this.#isLooking = true
    // The caller may be inside a transaction of the app, which the look must not become a part of.
    void Dexie.ignoreTransaction(() => this.#run())
  }

  /** Ends all watches, for good: the database is closed. */
  close(): void {
    this.#isClosed = true
    this.#watched.clear()
    this.#rest()
  }

  /** Nobody watches any more. */
  #rest(): void {
    Dexie.on.storagemutated.unsubscribe(this.#onMutated)
    this.#stopRetrying()
    this.#endRest()
  }

  /** Dexie tells what each commit has changed, in this tab and in others. */
  readonly #onMutated = (parts: ObservabilitySet) => {
    const { db } = this.options.context
    const tables = new Set(['pending_ops', 'tombstones', ...Array.from(this.#watched.values(), ({ name: [tableName] }) => tableName)])
    const prefix = `idb://${db.name}/`
    // `all`: the page comes back from the browser's cache, and may have missed anything.
    const concerns = (part: string) => part === 'all' || (part.startsWith(prefix) && tables.has(part.slice(prefix.length, part.indexOf('/', prefix.length))))
    if (Object.keys(parts).some(concerns)) this.look()
  }

  async #run(): Promise<void> {
    const { clock, log } = this.options.context.env
    // All that are watched from now until the end of this task are read together.
    await Promise.resolve()
    while (this.#isDue && this.#watched.size) {
      this.#isDue = false
      const startedAt = clock.now()
      try { this.#tell(await this.#read()) }
      catch (error) {
        log.debug('The watched records could not be read', error)
        this.#lookLater()
      }
      await this.#pause(Math.min(REST_FACTOR * (clock.now() - startedAt), MAX_REST_MS))
    }
    this.#isLooking = false
  }

  /** The database may be back by then, for example after the browser has closed it. */
  #lookLater(): void {
    this.#stopRetrying()
    if (this.#watched.size) this.#retryTimer = this.options.context.env.clock.setTimeout(() => this.look(), LEADER_CHECK_MS)
  }

  #stopRetrying(): void {
    if (this.#retryTimer !== undefined) this.options.context.env.clock.clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
  }

  async #pause(ms: number): Promise<void> {
    if (ms <= 0 || !this.#watched.size) return
    const { clock } = this.options.context.env
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, ms)
      this.#endRest = () => {
        clock.clearTimeout(timer)
        resolve()
      }
    })
  }

  async #read(): Promise<Map<string, RecordFacts>> {
    const { context, sending } = this.options
    const { db, outbox, incarnation } = context
    const names = new Map(Array.from(this.#watched, ([key, { name }]) => [key, name]))
    // Asked before the read: once a push is answered and its answer is stored, the records are no longer in it.
    const inPush = sending()
    const byTable = groupByTable([...names.values()])
    return await db.transaction('r!', [db.pending_ops, db.tombstones, ...byTable.keys()], async () => {
      const view = await outbox.view(names.keys())
      const tombstones = await db.tombstones.bulkGet([...names.values()])
      const rows = new Map<string, StoredRow | undefined>()
      for (const [tableName, pks] of byTable) {
        const found = await storedRows(db, tableName).bulkGet(pks)
        pks.forEach((pk, index) => rows.set(recordKey(tableName, pk), found[index]))
      }
      return new Map(Array.from(names.keys(), (key, index): [string, RecordFacts] => [key, {
        edits: view.entries(key), row: rows.get(key), tombstone: tombstones[index], isSending: inPush.has(key), incarnation: incarnation(),
      }]))
    })
  }

  #tell(found: ReadonlyMap<string, RecordFacts>): void {
    for (const [key, facts] of found) {
      for (const listener of [...this.#watched.get(key)?.listeners ?? []]) listener(facts)
    }
  }
}

function groupByTable(names: readonly RecordName[]): Map<string, string[]> {
  const byTable = new Map<string, string[]>()
  for (const [tableName, pk] of names) {
    const pks = byTable.get(tableName)
    if (pks) pks.push(pk)
    else byTable.set(tableName, [pk])
  }
  return byTable
}
