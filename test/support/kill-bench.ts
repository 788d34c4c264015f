import { expect } from 'vitest'
import { createSyncEngine, type SyncEngine } from 'or3-sync/client'
import type { SchemaTables, SyncSchema } from 'or3-sync/schema'
import { memoryBackend } from 'or3-sync/server'
import type { BootstrapState, ConflictRecord, CursorState, OutboxRecord, QuarantineRecord, TombstoneRecord } from '#or3-sync/core/sync/records/engine-records'
import { LOCAL_DATABASE_NAME } from '#or3-sync/core/sync/database/sync-database'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import { SeededRandom } from '../../src/testing/simulation/seeded-random'
import { IDBKeyRange, SimDisk } from '../../src/testing/simulation/sim-disk'
import { simSchema, type SimRow } from '../../src/testing/simulation/sim-schema'
import { StoreOracle } from '../../src/testing/simulation/store-oracle'
import { TaskPump } from '../../src/testing/simulation/task-pump'
import { type Actor, VirtualTime } from '../../src/testing/simulation/virtual-time'
import { storeProvider } from './store-provider'

export type BenchEngine = SyncEngine<SchemaTables<typeof simSchema>>

const START = Date.UTC(2026, 0, 1)
const WORKSPACE = 'w1'
const DATABASE = 'bench'
const TABLES = ['items', 'drafts'] as const
/** What is not done by then waits for something. */
const QUIET_MS = 20_000

/** One tab on one disk, that can be killed after any task of its IndexedDB; and a store. Nothing else, so that it is quick. */
export class KillBench {
  readonly time = new VirtualTime(START)
  readonly disk = new SimDisk()
  readonly backend = memoryBackend()
  /** This device's clock minus the true time, in milliseconds. */
  skew = 0
  engine!: BenchEngine
  /** What another database of this tab is opened with: it dies with the tab. */
  dependencies!: { indexedDB: IDBFactory, IDBKeyRange: typeof globalThis.IDBKeyRange }
  readonly #pump = new TaskPump()
  readonly #random = new SeededRandom(1)
  readonly #oracle = new StoreOracle()
  readonly #known = new Set<string>()
  #kill: () => void = () => {}

  constructor() {
    this.#pump.install()
    this.#oracle.onApplied = (_, { stamp }) => this.#known.add(stamp.opId)
    this.open()
  }

  /** A tab, its engine not started. */
  open(schema: SyncSchema = simSchema as unknown as SyncSchema): BenchEngine {
    const tab: { -readonly [K in keyof Actor]: Actor[K] } = { name: 'tab', state: 'running' }
    const { factory, cut } = this.disk.connect()
    this.dependencies = { indexedDB: factory, IDBKeyRange }
    const engine = createSyncEngine({
      schema: schema as unknown as typeof simSchema,
      session: { userId: 'ann', workspaceId: WORKSPACE },
      provider: storeProvider({ backend: this.#oracle.observe(this.backend), schema: simSchema as unknown as SyncSchema, workspaceId: WORKSPACE, time: this.time, tab }),
      databaseName: DATABASE,
      ...this.dependencies,
      environment: {
        clock: { now: () => this.time.now + this.skew, setTimeout: (run, ms) => this.time.schedule(ms, tab, run), clearTimeout: handle => this.time.cancel(handle) },
        random: this.#random.next, uuid: this.#random.uuid, locks: null, channel: () => null, isOnline: () => true, onWake: () => () => {}, whenIdle: () => {}, persist: async () => null,
      },
    })
    this.#kill = () => {
      tab.state = 'dead'
      engine.db.close({ disableAutoOpen: true })
      cut()
    }
    return this.engine = engine
  }

  /** The tab is gone at this very moment. */
  kill(): void {
    this.#kill()
  }

  /** Runs up to `limit` tasks of the disk, time passing where there are none. @returns whether there was nothing left before that. */
  async run(limit = Infinity, done: () => boolean = () => false): Promise<boolean> {
    const until = this.time.now + QUIET_MS
    const step = Number.isFinite(limit) ? 1 : Infinity
    for (let count = 0; count < limit;) {
      if (!await this.#pump.drain(step)) { count++; continue }
      if (done() || this.time.nextAt > until) return true
      this.time.step()
    }
    return false
  }

  async finish<T>(promise: Promise<T>): Promise<T> {
    let over = false
    promise.then(() => { over = true }, () => { over = true })
    await this.run(Infinity, () => over)
    expect(over, 'it never ends').toBe(true)
    return await promise
  }

  /** Starts the engine and waits until it has sent and fetched everything. */
  async rest(): Promise<void> {
    if (!this.engine.isRunning()) await this.finish(this.engine.start())
    const isLevel = () => !this.outbox().some(({ status }) => status === 'pending') && this.engine.status.get().state === 'idle' && this.engine.status.get().cursor === this.#oracle.version(WORKSPACE)
    await this.run(Infinity, isLevel)
    expect(isLevel(), `not at rest: ${JSON.stringify(this.engine.status.get())} ${JSON.stringify(this.outbox())}`).toBe(true)
  }

  /** One batch of another device, as the store gets to know it: what it makes of each item, null for a delete, at this revision. */
  async remote(items: Record<string, string | null>, clock = 1): Promise<void> {
    const hlc = formatHlc({ ms: this.time.now, counter: 0, node: 'otherdevice0' })
    await this.#oracle.observe(this.backend).push({
      workspaceId: WORKSPACE, userId: 'bob', now: this.time.now,
      items: Object.entries(items).map(([pk, edit]) => ({
        kind: 'op', tableName: 'items', pk, op: edit === null ? 'delete' : 'put',
        payload: edit === null ? null : JSON.stringify({ id: pk, edit, parent: null }), stamp: { deviceId: 'other', opId: this.#random.uuid(), hlc, clock },
      })),
    })
  }

  /** A copy of the store. @returns what restores it. */
  backUp(): () => Promise<void> {
    const [restoreStore, restoreOracle] = [this.backend.backUp(), this.#oracle.remember()]
    return async () => {
      restoreStore()
      restoreOracle()
      await this.backend.newEpoch()
    }
  }

  cursor(): number {
    return this.#state<CursorState>('cursor')?.cursor ?? 0
  }

  bootstrap(): BootstrapState | undefined {
    return this.#state<BootstrapState>('bootstrap')
  }

  conflicts(): ConflictRecord[] {
    return this.#read<ConflictRecord>('sync_conflicts')
  }

  outbox(): OutboxRecord[] {
    return this.#read<OutboxRecord>('pending_ops')
  }

  /** `pk=edit` of every row, whoever wrote it. */
  rows(): string {
    return TABLES.flatMap(name => this.#read<SimRow>(name).map(({ id, edit }) => `${id}=${edit}`)).join(' ')
  }

  /** The device and the store hold the same rows, but for what is private, held back, refused or set aside here. */
  checkAgreement(): void {
    const kept = new Set(this.outbox().flatMap(({ tableName, ops }) => ops.map(({ pk }) => `${tableName}/${pk}`)))
    for (const { tableName, pk } of this.#read<QuarantineRecord>('sync_quarantine')) kept.add(`${tableName}/${pk}`)
    const here = TABLES.flatMap(name => this.#read<SimRow>(name).flatMap(({ id, edit, op_id }) => op_id ? [[`${name}/${id}`, edit] as const] : []))
    const there = [...this.#oracle.rows(WORKSPACE).values()].flatMap(({ tableName, pk, op, payload }) => op === 'put' ? [[`${tableName}/${pk}`, String(payload!.edit)] as const] : [])
    const [mine, theirs] = [here, there].map(all => Object.fromEntries(all.filter(([key]) => !kept.has(key))))
    expect(mine, 'the device and the store').toEqual(theirs)
  }

  /** Everything on the disk and in the store, as one text: two equal ones have the same future. */
  picture(): string {
    const stores = [...TABLES, 'pending_ops', 'tombstones', 'sync_state', 'sync_conflicts', 'sync_quarantine'].map(name => this.#read(name))
    return JSON.stringify([stores, this.disk.read(LOCAL_DATABASE_NAME, 'items'), this.#oracle.version(WORKSPACE)], (key, value: unknown) => key === 'epoch' ? undefined : value)
  }

  /** What must hold on the disk at any moment at which a tab may be killed. */
  checkDisk(): void {
    const rows = new Map<string, SimRow>(TABLES.flatMap(name => this.#read<SimRow>(name).map(row => [`${name}/${row.id}`, row] as const)))
    const dead = new Map(this.#read<TombstoneRecord>('tombstones').map(tombstone => [`${tombstone.tableName}/${tombstone.pk}`, tombstone]))
    const queued = new Map<string, string[]>()
    for (const { tableName, ops } of this.outbox()) {
      for (const op of ops) {
        const key = `${tableName}/${op.pk}`
        queued.set(key, [...queued.get(key) ?? [], op.opId])
        const here = rows.get(key) ?? dead.get(key)
        const stands = here && compareRevisions({ clock: here.clock ?? 0, hlc: here.hlc ?? '', opId: here.op_id ?? op.opId }, op) >= 0
        expect(stands, `the outbox speaks of ${key}@${op.clock}, here is ${JSON.stringify(here)}`).toBe(true)
      }
    }
    for (const [key, { op_id }] of [...rows, ...dead]) {
      if (op_id && !this.#known.has(op_id)) expect(queued.get(key) ?? [], `${key} is not in the outbox`).toContain(op_id)
    }
    // A private row stands beside the tombstone that the others have of it.
    for (const [key, { op_id }] of rows) if (op_id) expect(dead.has(key), `${key} is here and deleted`).toBe(false)
    this.#checkCursor(new Map<string, SimRow | TombstoneRecord>([...dead, ...[...rows].filter(([, { op_id }]) => op_id)]), queued)
  }

  close(): void {
    this.kill()
    this.#pump.uninstall()
  }

  /** What the cursor has passed is applied, or set aside, or kept beside an edit of ours. */
  #checkCursor(here: Map<string, { clock?: number, hlc?: string, op_id?: string }>, queued: Map<string, string[]>): void {
    const cursor = this.#state<CursorState>('cursor')
    if (!cursor?.firstSyncDone || this.bootstrap()) return
    const aside = new Set(this.#read<QuarantineRecord>('sync_quarantine').map(({ tableName, pk }) => `${tableName}/${pk}`))
    for (const { tableName, pk, op, stamp, serverVersion } of this.#oracle.rows(WORKSPACE).values()) {
      const key = `${tableName}/${pk}`
      const local = here.get(key)
      if (serverVersion > cursor.cursor || aside.has(key) || queued.has(key) || (op === 'delete' && !local)) continue
      const order = local && compareRevisions({ clock: local.clock ?? 0, hlc: local.hlc ?? '', opId: local.op_id ?? '' }, stamp)
      expect(order, `the cursor is at ${cursor.cursor}, but v${serverVersion} (${key}) is not applied`).toBeGreaterThanOrEqual(0)
    }
  }

  #state<T>(id: string): T | undefined {
    return this.#read<{ id: string }>('sync_state').find(record => record.id === id) as T | undefined
  }

  #read<T>(store: string): T[] {
    return this.disk.read<T>(DATABASE, store)
  }
}
