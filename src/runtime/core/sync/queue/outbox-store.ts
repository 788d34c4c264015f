import Dexie, { type Transaction } from 'dexie'
import type { CapturedOp } from '../records/captured-op'
import type { OutboxRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import { OutboxIndex } from './outbox-index'
import { OutboxView } from './outbox-view'
import type { OutboxWindow, WindowOptions } from './outbox-window'

/** How many outbox records are read at once. Each holds up to 500 ops. */
const CHUNK = 500

/**
 * Reads and writes the outbox for some records of the app. The first use reads all of it into an index in memory (`OutboxIndex`). Each later read
 * first adds what any tab has written since, and then reads only the outbox records that the index names.
 *
 * Its methods must run in a transaction over `pending_ops`. Otherwise another tab could change the outbox between a read and the write that follows.
 */
export class OutboxStore {
  readonly #index = new OutboxIndex()
  /** The connection that the index was read with. If there is a new one, the database may be another one, so all is read again. */
  #connection: IDBDatabase | null = null
  /** Transactions that have written to the outbox. `refresh` must not run in them. */
  readonly #written = new WeakSet<Transaction>()
  #hasRewritten = false
  #wasStale = false

  constructor(private readonly db: EngineDatabase) {}

  /** The highest id of an outbox record that the index knows. */
  get last(): number {
    return this.#index.last
  }

  /** Adds edits of this tab that have committed to the index, without reading them. If another tab has written in between, the next `refresh` reads them. */
  learn(ops: readonly CapturedOp[]): void {
    if (!this.#connection || this.#connection !== this.db.backendDB()) return
    const records = new Map<number, OutboxRecord>()
    for (const op of ops) {
      if (op.recordId === undefined) continue
      const known = records.get(op.recordId)
      if (known) known.ops.push(op.edit)
      else records.set(op.recordId, { id: op.recordId, tableName: op.tableName, status: 'pending', createdAt: op.createdAt, ...(op.group === undefined ? {} : { group: op.group }), ops: [op.edit] })
    }
    for (const record of records.values()) if (record.id === this.#index.last + 1) this.#index.add([record])
  }

  /** Whether outbox records were written again since the last call. They may hold fewer edits now, so whoever counts edits must count again. */
  takeRewritten(): boolean {
    const hasRewritten = this.#hasRewritten
    this.#hasRewritten = false
    return hasRewritten
  }

  /**
   * Whether the index has named edits since the last call that are gone: another tab has sent them. Then a window that was chosen by it may have the
   * records in a wrong order, and has to be chosen again.
   */
  takeStale(): boolean {
    const wasStale = this.#wasStale
    this.#wasStale = false
    return wasStale
  }

  /**
   * Adds to the index what was written to the outbox since the last call, by any tab. Must come before the transaction's own writes: if those were
   * indexed and the transaction then aborted, their ids would be given out again, and the edits that get them would be missed.
   */
  async refresh(): Promise<void> {
    if (Dexie.currentTransaction && this.#written.has(Dexie.currentTransaction)) throw new Error('the outbox is read after it was written to in the same transaction')
    const connection = this.db.backendDB()
    if (this.#connection !== connection) {
      this.#index.clear()
      this.#connection = connection
    }
    for (;;) {
      const added = await this.db.pending_ops.where(':id').above(this.#index.last).limit(CHUNK).toArray()
      this.#index.add(added)
      if (added.length < CHUNK) return
    }
  }

  /** Chooses the records whose edits are sent next. */
  window(options: WindowOptions): OutboxWindow {
    return this.#index.window(options)
  }

  /** Whether there are held edits, or edits in the dead letter. It reads one key. */
  async has(status: 'held' | 'failed'): Promise<boolean> {
    const [first] = await this.db.pending_ops.where('status').equals(status).limit(1).primaryKeys()
    if (first === undefined) this.#index.removeAll(status)
    return first !== undefined
  }

  /** Which of these records may have an edit in the dead letter. */
  refusedAmong(keys: Iterable<string>): string[] {
    return this.#index.refusedAmong(keys)
  }

  /** The outbox record of the edit in the dead letter with this op id. */
  async findRefused(opId: string): Promise<OutboxRecord | undefined> {
    await this.refresh()
    const key = this.#index.findRefused(opId)
    const records = key === undefined ? [] : await this.#read([key])
    return records.find(({ status, ops }) => status === 'failed' && ops[0]?.opId === opId)
  }

  /** All edits of these records: pending, held and in the dead letter. */
  async view(keys: Iterable<string>): Promise<OutboxView> {
    await this.refresh()
    return new OutboxView(await this.#read(keys))
  }

  /** The outbox records with these ids, if they are still there. Edits that were written later are not in the view. */
  async viewOf(ids: readonly number[]): Promise<OutboxView> {
    return new OutboxView((await this.db.pending_ops.bulkGet([...ids])).filter(record => record !== undefined))
  }

  /** Writes the outbox records that the view has changed. Must run in the transaction that the view was read in. */
  async save(view: OutboxView): Promise<void> {
    const { gone, changed } = view.changes()
    if (gone.length) await this.remove(gone)
    if (!changed.length) return
    const known = changed.filter(({ id }) => id !== undefined)
    this.#onceCommitted(() => {
      for (const record of known) this.#index.update(record)
      this.#hasRewritten ||= known.length > 0
    })
    await this.db.pending_ops.bulkPut(changed)
  }

  async add(records: readonly OutboxRecord[]): Promise<void> {
    this.#onceCommitted(() => {})
    await this.db.pending_ops.bulkAdd(records)
  }

  async remove(ids: readonly number[]): Promise<void> {
    this.#onceCommitted(() => this.#index.remove(ids))
    await this.db.pending_ops.bulkDelete([...ids])
  }

  /** Changes the index once the transaction has committed: it may abort. */
  #onceCommitted(note: () => void): void {
    const transaction = Dexie.currentTransaction
    if (!transaction) throw new Error('the outbox is written to outside a transaction')
    this.#written.add(transaction)
    transaction.on('complete', note)
  }

  async #read(keys: Iterable<string>): Promise<OutboxRecord[]> {
    const ids = this.#index.idsOf(keys)
    if (!ids.length) return []
    const { pending_ops } = this.db
    const [first, last] = [ids[0]!, ids.at(-1)!]
    // If most ids of a range are wanted, one request for the range costs less than one for each id.
    const isDense = ids.length > 1 && last - first < 2 * ids.length
    const found = isDense ? await pending_ops.where(':id').between(first, last, true, true).toArray() : await pending_ops.bulkGet(ids)
    const byId = new Map(found.flatMap(record => record ? [[record.id!, record]] : []))
    for (const record of byId.values()) {
      const isShorter = record.ops.length < this.#index.lengthOf(record)
      this.#wasStale ||= isShorter
      // Another tab may have let these edits wait aside without this tab hearing of it. The index must know, because they are sent by themselves.
      if (isShorter || record.ops.some(({ aside }) => aside)) this.#index.update(record)
    }
    const missing = ids.filter(id => !byId.has(id))
    if (missing.length && this.#index.remove(missing)) this.#wasStale = true
    return ids.flatMap(id => byId.get(id) ?? [])
  }
}

/** The `recordKey`s of these edits, each once. */
export function keysOf(edits: Iterable<{ tableName: string, pk: string }>): Set<string> {
  return new Set(Array.from(edits, ({ tableName, pk }) => recordKey(tableName, pk)))
}
