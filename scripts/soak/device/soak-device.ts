import { createSyncEngine, GatewaySyncProvider } from 'or3-sync/client'
import type { DexieOptions, Table } from 'dexie'
import { SeededRandom } from '../../../src/testing/simulation/seeded-random.ts'
import { soakSchema } from '../soak-schema.ts'
import { WORKSPACE } from '../workspace.ts'
import { chooseEdits, TABLES, type DeviceEdit, type TableName } from './device-edits.ts'
import type { DeviceDump, DeviceEvent, DumpedRecord, SeenRevision, WriteEvent } from './device-events.ts'
import { DeviceLink } from './device-link.ts'
import { EventRecorder } from './event-recorder.ts'

export interface SoakDeviceOptions {
  name: string
  userId: string
  /** Where the device's relay listens. */
  origin: string
  seed: number
  /** In Node: an implementation. Default: the browser's. */
  indexedDB?: DexieOptions['indexedDB']
  IDBKeyRange?: DexieOptions['IDBKeyRange']
  /** The number of the first transaction; larger than 1 after a reload. */
  firstNumber?: number
}

/** Whole-database reads per second. */
const READS_PER_SECOND = 2

type SoakEngine = ReturnType<typeof createEngine>
type SoakRow = { id: string, group: string, number: number, text: string, clock?: number, hlc?: string, op_id?: string }
interface SoakTombstone { tableName: string, pk: string, clock: number, hlc: string, op_id: string }

/** One device: an engine, somebody who edits at a steady rate, and a record of all that was read and written. Runs in Node and in a browser. */
export class SoakDevice {
  readonly #options: SoakDeviceOptions
  readonly #random: SeededRandom
  readonly #link = new DeviceLink()
  readonly #recorder = new EventRecorder()
  #engine!: SoakEngine
  #transactions: number
  #editing: Promise<void> | null = null
  #goesOn = false

  constructor(options: SoakDeviceOptions) {
    this.#options = options
    this.#transactions = options.firstNumber ?? 1
    this.#random = SeededRandom.of(options.seed, this.#transactions)
  }

  /** Opens the database and begins to sync. */
  async open(): Promise<void> {
    this.#engine = createEngine(this.#options, this.#link)
    await this.#engine.start()
  }

  /** Resolves when the first sync is over. */
  async firstSync(): Promise<void> {
    while (!this.#engine.status.get().firstSyncDone) await pause(20)
  }

  /** Begins to edit: so many transactions a second, at random moments. */
  edit(perSecond: number): void {
    this.#goesOn = true
    this.#editing ??= this.#editOn(perSecond).finally(() => { this.#editing = null })
  }

  /** Resolves when the last transaction is over and was recorded. @returns the number of the next transaction */
  async rest(): Promise<number> {
    this.#goesOn = false
    await this.#editing
    return this.#transactions
  }

  takeEvents(): DeviceEvent[] {
    return this.#recorder.take()
  }

  /** Closes the engine and opens another one on the same database. */
  async reopen(): Promise<void> {
    await this.#engine.close()
    await this.open()
  }

  /** Sets the device's clock so many milliseconds off the machine's. */
  setClock(offset: number): void {
    this.#link.offset = offset
  }

  setOnline(isOnline: boolean): void {
    this.#link.setOnline(isOnline)
  }

  /** Resolves to whether everything was sent and fetched within this time, in milliseconds. */
  async settle(ms: number): Promise<boolean> {
    this.#link.setOnline(true)
    void this.#engine.flush()
    const settled = this.#engine.whenIdle().then(() => true, () => false)
    return await Promise.race([settled, pause(ms).then(() => false)])
  }

  /** Reads the whole database once and records it. */
  async look(): Promise<void> {
    const { db, status } = this.#engine
    const before = status.get().consistent
    const state = new Map<string, SeenRevision>()
    const quarantined: string[] = []
    await db.transaction('r', [...TABLES, 'tombstones', 'sync_quarantine'], async () => {
      const tombstones = await this.#tombstones.toArray()
      for (const [table, id] of await db.table('sync_quarantine').toCollection().primaryKeys() as [string, string][]) quarantined.push(`${table}/${id}`)
      const rows = await Promise.all(TABLES.map(async table => [table, await this.#table(table).toArray()] as const))
      for (const { tableName, pk, clock, hlc, op_id } of tombstones) state.set(`${tableName}/${pk}`, [clock, hlc, op_id])
      for (const [table, found] of rows) for (const row of found) state.set(`${table}/${row.id}`, revisionOf(row))
    })
    this.#recorder.read(state, quarantined, before && status.get().consistent)
  }

  async dump(): Promise<DeviceDump> {
    const { status, conflicts } = this.#engine
    const rows: DumpedRecord[] = []
    for (const table of TABLES) {
      for (const { clock: _clock, hlc: _hlc, op_id, ...row } of await this.#table(table).toArray()) rows.push({ record: `${table}/${row.id}`, opId: op_id ?? '', row })
    }
    const kept = (await conflicts.list()).flatMap(({ tableName, pk, local, remote }) =>
      [local, remote].map(({ opId, row }) => ({ record: `${tableName}/${pk}`, opId, ...row && { group: String(row.group) } })))
    const { pendingCount, failedCount, quarantinedCount, consistent, cursor } = status.get()
    return { name: this.#options.name, rows, conflicts: kept, pending: pendingCount, failed: failedCount, quarantined: quarantinedCount, isConsistent: consistent, cursor }
  }

  async close(): Promise<void> {
    await this.rest()
    await this.#engine.close()
  }

  async #editOn(perSecond: number): Promise<void> {
    const rate = perSecond + READS_PER_SECOND
    for (let due = performance.now(); this.#goesOn;) {
      due += -Math.log(1 - this.#random.next()) / rate * 1_000
      // Late by more than a second, the device has been kept from working: it goes on at its rate and does not catch up.
      due = Math.max(due, performance.now() - 1_000)
      await pause(Math.max(0, due - performance.now()))
      if (this.#random.chance(READS_PER_SECOND / rate)) await this.look()
      else await this.#transact(chooseEdits(this.#options.name, this.#random))
    }
  }

  async #transact(edits: readonly DeviceEdit[]): Promise<void> {
    const { db, status } = this.#engine
    const number = this.#transactions++
    const group = `${this.#options.name}-${number}`
    const before = status.get().consistent
    const [reads, writes, quarantined]: [WriteEvent['reads'], WriteEvent['writes'], string[]] = [[], [], []]
    await db.transaction('rw', [...TABLES, 'tombstones', 'sync_quarantine'], async () => {
      for (const { table, id, action, text } of edits) {
        const record = `${table}/${id}`
        const row = await this.#table(table).get(id)
        if (await db.table('sync_quarantine').get([table, id])) quarantined.push(record)
        reads.push([record, row ? revisionOf(row) : await this.#tombstone(table, id)])
        const isDelete = action === 'delete' && row !== undefined
        if (isDelete) await this.#table(table).delete(id)
        else if (action === 'update' && row) await this.#table(table).update(id, { group, number, text })
        else await this.#table(table).put({ id, group, number, text })
        writes.push([record, isDelete ? (await this.#tombstone(table, id))! : revisionOf((await this.#table(table).get(id))!), isDelete])
      }
    })
    this.#recorder.wrote({ isConsistent: before && status.get().consistent, group, reads, writes, quarantined })
  }

  #table(table: TableName): Table<SoakRow, string> {
    return this.#engine.db.table(table)
  }

  get #tombstones(): Table<SoakTombstone, [string, string]> {
    return this.#engine.db.table('tombstones')
  }

  async #tombstone(table: string, id: string): Promise<SeenRevision | null> {
    const found = await this.#tombstones.get([table, id])
    return found ? [found.clock, found.hlc, found.op_id] : null
  }
}

function createEngine({ userId, origin, indexedDB, IDBKeyRange }: SoakDeviceOptions, link: DeviceLink) {
  const named: typeof fetch = (input, init) => fetch(input, { ...init, headers: { ...init?.headers, 'x-user': userId } })
  return createSyncEngine({
    schema: soakSchema,
    session: { userId, workspaceId: WORKSPACE },
    provider: new GatewaySyncProvider({ baseURL: origin, fetch: named }),
    environment: link.environment(),
    ...indexedDB && { indexedDB, IDBKeyRange },
  })
}

function revisionOf({ clock, hlc, op_id, group }: SoakRow): SeenRevision {
  return [clock ?? 0, hlc ?? '', op_id ?? '', group]
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
