import { Dexie, type Table } from 'dexie'
import { measure } from './measure'
import { makeRow, makeRows, type Row } from './rows'

/** How the outbox is stored: in one object store for all tables (as the engine does), in one with an index of the keys, or in one for each table. */
export type OutboxShape = 'one store' | 'one store, keys indexed' | 'a store per table'

/** Milliseconds. */
export interface ShapeTimes {
  /** A write to one table while a transaction of 500 ms on another table is open. */
  waitBehind: number[]
  /** A `put` with its outbox entry, nothing else going on. */
  single: number[]
  /** A `bulkPut` of 10,000 with their outbox entries. */
  bulk: number
  /** The read before each push: is there an outbox entry, the oldest first? */
  look: number[]
}

export interface ShapesSubject {
  shape(shape: OutboxShape, tables: number): Promise<ShapeTimes>
}

const LONG_MS = 500
const SAMPLES = 30
const BULK = 10_000
const OPS_A_RECORD = 500

type Entry = { tableName: string, keys?: string[], ops: { pk: string, clock: number, hlc: string, opId: string }[] }

/** Raw Dexie with outbox entries as large as the engine's. The shapes differ only in their object stores. */
class ShapedDatabase {
  readonly #db: Dexie
  readonly #tables: string[]

  constructor(private readonly shape: OutboxShape, tables: number) {
    this.#tables = Array.from({ length: tables }, (_, index) => `t${index}`)
    this.#db = new Dexie(`shape-${shape}-${tables}`)
    const stores = this.#tables.flatMap(name => [[name, 'id, list_id'], [this.outboxOf(name), this.#hasKeys ? '++id, status, *keys' : '++id, status']])
    this.#db.version(1).stores(Object.fromEntries(stores) as Record<string, string>)
  }

  get #hasKeys(): boolean {
    return this.shape === 'one store, keys indexed'
  }

  outboxOf(table: string): string {
    return this.shape === 'a store per table' ? `outbox_${table}` : 'outbox'
  }

  async write(table: string, rows: Row[], holdMs = 0): Promise<void> {
    const outbox = this.#db.table<Entry>(this.outboxOf(table))
    await this.#db.transaction('rw', this.#db.table(table), outbox, async () => {
      const end = performance.now() + holdMs
      await (this.#db.table(table) as Table<Row, string>).bulkPut(rows)
      const entries: Entry[] = []
      for (let start = 0; start < rows.length; start += OPS_A_RECORD) {
        const part = rows.slice(start, start + OPS_A_RECORD)
        const keys = this.#hasKeys ? { keys: part.map(({ id }) => `${table}/${id}`) } : {}
        entries.push({ tableName: table, ...keys, ops: part.map(({ id }) => ({ pk: id, clock: 1, hlc: '000000000:0000:000000000000', opId: id })) })
      }
      await outbox.bulkAdd(entries)
      while (performance.now() < end) await this.#db.table(table).get('nobody')
    })
  }

  async look(): Promise<void> {
    const outboxes = [...new Set(this.#tables.map(name => this.outboxOf(name)))]
    await this.#db.transaction('r', outboxes, async () => {
      await Promise.all(outboxes.map(name => this.#db.table(name).limit(16).toArray()))
    })
  }

  /** Empties the outbox. */
  async drained(): Promise<void> {
    for (const name of new Set(this.#tables.map(table => this.outboxOf(table)))) await this.#db.table(name).clear()
  }
}

const subject: ShapesSubject = {
  async shape(shape, tables) {
    const database = new ShapedDatabase(shape, tables)
    await database.write('t0', makeRows(10))
    const bulk = await measure(() => database.write('t0', makeRows(BULK)))
    await database.drained()
    const [single, look, waitBehind]: [number[], number[], number[]] = [[], [], []]
    for (let sample = 0; sample < SAMPLES; sample++) single.push(await measure(() => database.write('t0', [makeRow(sample)])))
    await database.drained()
    for (let sample = 0; sample < SAMPLES; sample++) look.push(await measure(() => database.look()))
    for (let sample = 0; sample < 3; sample++) {
      const long = database.write('t0', [makeRow(sample)], LONG_MS)
      await new Promise(resolve => setTimeout(resolve, 50))
      waitBehind.push(await measure(() => database.write('t1', [makeRow(sample)])))
      await long
    }
    return { waitBehind, single, bulk, look }
  },
}

Object.assign(window, { subject })
