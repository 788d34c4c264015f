import { Dexie, type Table } from 'dexie'
import { BaseSubject, checkHeld } from './base-subject'
import { FloorSender } from './floor-sender'
import { measureClearAndMark, measureLargeTable, type LargeTableTimes } from './large-table'
import { measure } from './measure'
import { ProbeWatcher } from './probe-watcher'
import type { Row } from './rows'
import type { BenchSubject, LargeTableSubject, ReopenTimes } from './subject'
import { untilTitled } from './until-titled'

const PAGE = 1000

interface FloorPage { rows: Row[], next: number, hasMore: boolean }

/** How far the floor has read the store. */
interface Progress { id: 'cursor', next: number }

type FloorDatabase = Dexie & { items: Table<Row, string>, progress: Table<Progress, string> }

/** The least code that could sync at all: raw Dexie, plain HTTP in pages of 1,000 rows, a WebSocket relay. It has no outbox, no merging and no retries. */
class FloorSubject extends BaseSubject implements BenchSubject, LargeTableSubject {
  #db!: FloorDatabase
  #socket!: WebSocket
  #sender: FloorSender | undefined
  /** Sends a row that is stored here. */
  #deliver: (row: Row) => void = () => {}
  #workspace = ''
  #written: Row[] = []
  readonly #probe = new ProbeWatcher()

  async open(workspace: string, live: boolean): Promise<void> {
    this.#workspace = workspace
    this.#openItems(`floor-${workspace}`)
    await this.#db.open()
    if (!live) return
    const sender = this.#sender = new FloorSender(workspace)
    this.#deliver = row => sender.add(row)
    this.#socket = new WebSocket(`ws://${location.host}/floor/relay?workspace=${workspace}`)
    this.#socket.onmessage = event => void this.#db.items.put(JSON.parse(event.data as string) as Row)
    await new Promise((resolve, reject) => {
      this.#socket.onopen = resolve
      this.#socket.onerror = reject
    })
  }

  /** While it is live, the row is sent after it is stored, and nothing waits for the answer. */
  async put(row: Row): Promise<void> {
    await this.#db.items.put(row)
    this.#deliver(row)
  }

  bulkPut(rows: Row[]): PromiseLike<unknown> {
    this.#written = rows
    return this.#db.items.bulkPut(rows)
  }

  async drain(): Promise<number> {
    const sender = new FloorSender(this.#workspace)
    return await measure(async () => {
      for (let start = 0; start < this.#written.length; start += PAGE) await sender.post(this.#written.slice(start, start + PAGE))
    })
  }

  async settle(): Promise<void> {
    await this.#sender?.settled()
  }

  async count(): Promise<number> {
    return await this.#db.items.count()
  }

  async bootstrap(workspace: string, count: number): Promise<number> {
    const time = await measure(async () => {
      this.#openItems(`floor-${workspace}`)
      await this.#fetchNew(workspace, 0)
    })
    checkHeld('the floor', await this.count(), count)
    return time
  }

  async reopen(workspace: string, key: string): Promise<ReopenTimes> {
    const start = performance.now()
    this.#openItems(`floor-${workspace}`)
    if (!await this.#db.items.get(key)) throw new Error('the floor has lost a row')
    const row = performance.now() - start
    await this.#fetchNew(workspace, await this.#cursor())
    return { row, idle: performance.now() - start }
  }

  async catchUp(workspace: string, keys: string[], title: string): Promise<number> {
    return await measure(async () => {
      this.#openItems(`floor-${workspace}`)
      const shown = untilTitled(this.#db, keys, title)
      await this.#fetchNew(workspace, await this.#cursor())
      await shown
    })
  }

  async largeTable(rows: number): Promise<LargeTableTimes> {
    this.#openItems('floor-large')
    const times = await measureLargeTable(this.#db.items, rows)
    await this.#db.items.clear()
    return { ...times, clearAndMark: await measureClearAndMark(this.#db, this.#db.items, this.#db.table('marks'), rows) }
  }

  /** The probe goes through the socket alone. */
  override async writeProbe(sequence: number): Promise<number> {
    this.#deliver = row => this.#socket.send(JSON.stringify(row))
    return await super.writeProbe(sequence)
  }

  watchProbe(): void {
    this.#probe.watch(this.#db)
  }

  async probeSeen(sequence: number): Promise<number> {
    return await this.#probe.until(sequence)
  }

  #openItems(name: string): void {
    this.#db = new Dexie(name) as FloorDatabase
    this.#db.version(1).stores({ items: 'id, list_id', progress: 'id', marks: '[table+pk], at' })
  }

  async #cursor(): Promise<number> {
    return (await this.#db.progress.get('cursor'))?.next ?? 0
  }

  /** Fetches what the store has from number `next` on. */
  async #fetchNew(workspace: string, next: number): Promise<void> {
    for (let hasMore = true; hasMore;) {
      const response = await fetch(`/floor/rows?workspace=${workspace}&after=${next}&limit=${PAGE}`)
      const page = await response.json() as FloorPage
      if (page.rows.length > 0) await this.#db.items.bulkPut(page.rows)
      ;({ next, hasMore } = page)
    }
    await this.#db.progress.put({ id: 'cursor', next })
  }
}

Object.assign(window, { subject: new FloorSubject() })
