import Dexie, { type Transaction } from 'dexie'
import type { CapturedOp } from '../records/captured-op'
import type { OutboxRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { recordKey } from '../records/record-key'
import { OutboxIndex, type OutboxWindow, type WindowOptions } from './outbox-index'
import { OutboxView } from './outbox-view'

/** So many outbox records are read at once: one holds up to 500 ops. */
const CHUNK = 500

/**
 * The outbox, read and written by records of the app. Every tab adds to it; whoever reads here takes what was added since into the
 * index first, so that nothing is missed and nothing else is read. All of it is read once, at the first use.
 *
 * Its methods must run in a transaction over `pending_ops`, so that what they return is what the outbox holds.
 */
export class OutboxStore {
  readonly #index = new OutboxIndex()
  /** The connection through which the index was read: another one may be of another database. */
  #connection: IDBDatabase | null = null
  /** Transactions that have written to the outbox. */
  readonly #written = new WeakSet<Transaction>()
  #hasRewritten = false

  constructor(private readonly db: EngineDatabase) {}

  /** Every outbox record up to this id is known here. */
  get last(): number {
    return this.#index.last
  }

  /** Edits of this tab have committed: where none of another tab lies between, they need not be read. */
  learn(ops: readonly CapturedOp[]): void {
    if (!this.#connection || this.#connection !== this.db.backendDB()) return
    const records = new Map<number, OutboxRecord>()
    for (const op of ops) {
      if (op.recordId === undefined) continue
      const known = records.get(op.recordId)
      if (known) known.ops.push(op)
      else records.set(op.recordId, { id: op.recordId, tableName: op.tableName, status: 'pending', createdAt: op.createdAt, ops: [op] })
    }
    for (const record of records.values()) if (record.id === this.#index.last + 1) this.#index.add([record])
  }

  /** Whether outbox records have been written again since this was last asked: they may hold fewer edits now. */
  takeRewritten(): boolean {
    const hasRewritten = this.#hasRewritten
    this.#hasRewritten = false
    return hasRewritten
  }

  /** Takes into the index what was added since. Must come before the transaction's own writes. */
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

  /** The records whose edits come next. */
  window(options: WindowOptions): OutboxWindow {
    return this.#index.window(options)
  }

  /** Whether any edit is held, or was refused: without reading them. */
  async has(status: 'held' | 'failed'): Promise<boolean> {
    const [first] = await this.db.pending_ops.where('status').equals(status).limit(1).primaryKeys()
    if (first === undefined) this.#index.removeAll(status)
    return first !== undefined
  }

  /** Of these records, those that may have a refused edit. */
  refusedAmong(keys: Iterable<string>): string[] {
    return this.#index.refusedAmong(keys)
  }

  /** The outbox record of the refused edit with this op id. */
  async findRefused(opId: string): Promise<OutboxRecord | undefined> {
    await this.refresh()
    const key = this.#index.findRefused(opId)
    const records = key === undefined ? [] : await this.#read([key])
    return records.find(({ status, ops }) => status === 'failed' && ops[0]?.opId === opId)
  }

  /** Everything that waits, or was refused, of these records. */
  async view(keys: Iterable<string>): Promise<OutboxView> {
    await this.refresh()
    return new OutboxView(await this.#read(keys))
  }

  /** These outbox records, as far as they are still there: nothing that was written since. */
  async viewOf(ids: readonly number[]): Promise<OutboxView> {
    return new OutboxView((await this.db.pending_ops.bulkGet([...ids])).filter(record => record !== undefined))
  }

  /** Writes what changed. Must run in the transaction that the view was read in. */
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

  /** What a transaction wrote, and its ids, do not count before it is committed: it may be aborted. */
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
    // One request for a stretch costs less than one for each of them.
    const isDense = ids.length > 1 && last - first < 2 * ids.length
    const found = isDense ? await pending_ops.where(':id').between(first, last, true, true).toArray() : await pending_ops.bulkGet(ids)
    const byId = new Map(found.flatMap(record => record ? [[record.id!, record]] : []))
    // Another tab has set them aside, perhaps while this one could not hear it: they go alone, and only who knows that finds them.
    for (const record of byId.values()) if (record.ops.some(({ aside }) => aside)) this.#index.update(record)
    const missing = ids.filter(id => !byId.has(id))
    if (missing.length) this.#index.remove(missing)
    return ids.flatMap(id => byId.get(id) ?? [])
  }
}

/** The keys of these edits, each once. */
export function keysOf(edits: Iterable<{ tableName: string, pk: string }>): Set<string> {
  return new Set(Array.from(edits, ({ tableName, pk }) => recordKey(tableName, pk)))
}
