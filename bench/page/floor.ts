import { Dexie, type Table } from 'dexie'
import { epochNow } from './epoch-now'
import { measureClearAndMark, measureLargeTable, type LargeTableTimes } from './large-table'
import { measure } from './measure'
import { PROBE_ID, ProbeWatcher } from './probe-watcher'
import { makeRow, makeRows, type Row } from './rows'
import type { BenchSubject } from './subject'

const PAGE = 1000

/** The least code that could sync at all: raw Dexie, plain HTTP in pages of 1,000 rows, a WebSocket relay. It has no outbox, no merging and no retries. */
class FloorSubject implements BenchSubject {
  #db!: Dexie & { items: Table<Row, string> }
  #socket!: WebSocket
  #workspace = ''
  #written: Row[] = []
  readonly #probe = new ProbeWatcher()

  async open(workspace: string): Promise<void> {
    this.#workspace = workspace
    this.#openItems(`floor-${workspace}`)
    await this.#db.open()
    this.#socket = new WebSocket(`ws://${location.host}/floor/relay?workspace=${workspace}`)
    this.#socket.onmessage = event => void this.#db.items.put(JSON.parse(event.data as string) as Row)
    await new Promise((resolve, reject) => {
      this.#socket.onopen = resolve
      this.#socket.onerror = reject
    })
  }

  async singleWrites(count: number): Promise<number[]> {
    const times: number[] = []
    for (const row of makeRows(count)) times.push(await measure(() => this.#db.items.put(row)))
    return times
  }

  async bulkWrite(count: number): Promise<number> {
    this.#written = makeRows(count)
    return await measure(() => this.#db.items.bulkPut(this.#written))
  }

  async drain(): Promise<number> {
    return await measure(async () => {
      for (let start = 0; start < this.#written.length; start += PAGE) {
        const response = await fetch(`/floor/rows?workspace=${this.#workspace}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(this.#written.slice(start, start + PAGE)),
        })
        if (!response.ok) throw new Error(`the floor's store answered ${response.status}`)
      }
    })
  }

  async bootstrap(workspace: string, count: number): Promise<number> {
    return await measure(async () => {
      this.#openItems(`floor-${workspace}`)
      for (let after = 0; after < count; after += PAGE) {
        const response = await fetch(`/floor/rows?workspace=${workspace}&after=${after}&limit=${PAGE}`)
        await this.#db.items.bulkPut(await response.json() as Row[])
      }
      const held = await this.#db.items.count()
      if (held !== count) throw new Error(`the floor holds ${held} of ${count} rows`)
    })
  }

  async largeTable(rows: number): Promise<LargeTableTimes> {
    this.#openItems('floor-large')
    const times = await measureLargeTable(this.#db.items, rows)
    await this.#db.items.clear()
    return { ...times, clearAndMark: await measureClearAndMark(this.#db, this.#db.items, this.#db.table('marks'), rows) }
  }

  #openItems(name: string): void {
    this.#db = new Dexie(name) as Dexie & { items: Table<Row, string> }
    this.#db.version(1).stores({ items: 'id, list_id', marks: '[table+pk], at' })
  }

  async writeProbe(sequence: number): Promise<number> {
    const row = { ...makeRow(sequence), id: PROBE_ID }
    const at = epochNow()
    await this.#db.items.put(row)
    this.#socket.send(JSON.stringify(row))
    return at
  }

  watchProbe(): void {
    this.#probe.watch(this.#db)
  }

  async probeSeen(sequence: number): Promise<number> {
    return await this.#probe.until(sequence)
  }
}

Object.assign(window, { subject: new FloorSubject() })
