import type { SyncRole } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import type { BootstrapState, ConflictRecord, CursorState, OutboxRecord, QuarantineRecord, TombstoneRecord } from '#or3-sync/core/sync/database/engine-records'
import { SimChannels } from './sim-channel'
import { SimDisk } from './sim-disk'
import { SimLocks } from './sim-locks'
import { simSchema, type SimRow } from './sim-schema'
import { SimTab } from './sim-tab'
import type { SimWorld } from './sim-world'

const RELOAD_MS = 2_000

/** What a device has of one record: a row, or the tombstone of one. */
export interface StoredRecord {
  tableName: string
  pk: string
  op: 'put' | 'delete'
  row?: SimRow
  clock: number
  hlc: string
  opId: string | undefined
}

/** One browser: a disk, and tabs that come and go. */
export class SimDevice {
  readonly disk = new SimDisk()
  readonly locks: SimLocks
  readonly channels: SimChannels
  readonly databaseName: string
  tabs: SimTab[] = []
  isOnline = true
  /** Its clock minus the true time, in milliseconds. */
  skew = 0
  rescans = 0
  /** Milliseconds for which it was closed, at most. */
  longestAbsence = 0
  /** The app that its newest tab runs. */
  schema = simSchema as unknown as SyncSchema
  #opened = 0

  constructor(readonly world: SimWorld, readonly name: string, readonly userId: string, readonly workspaceId: string, readonly options: { role?: SyncRole, hasLocks?: boolean } = {}) {
    this.locks = new SimLocks(world.time)
    this.channels = new SimChannels({ time: world.time, random: world.random.fork() })
    this.databaseName = `${name}-of-${world.seed}`
  }

  get hasLocks(): boolean {
    return this.options.hasLocks ?? true
  }

  /** Opens a tab and starts its engine. With `schema`, it and the tabs after it run another version of the app. */
  open({ schema = this.schema }: { schema?: SyncSchema } = {}): SimTab {
    this.schema = schema
    const tab = new SimTab(this, `${this.name}.${++this.#opened}`, { provider: this.world.connect(this), role: this.options.role, schema })
    this.tabs.push(tab)
    this.world.log(`${tab.name} opens`)
    tab.engine.start().catch((error: unknown) => {
      this.world.log(`${tab.name} did not start: ${String(error)}`)
      // The app says so, and the user reloads.
      this.world.time.schedule(RELOAD_MS, tab, () => {
        this.crash(tab)
        this.open()
      })
    })
    return tab
  }

  crash(tab: SimTab): void {
    this.world.log(`${tab.name} crashes`)
    tab.crash()
    this.tabs = this.tabs.filter(other => other !== tab)
  }

  /** Closes a tab the polite way. */
  async close(tab: SimTab): Promise<void> {
    this.world.log(`${tab.name} closes`)
    await tab.engine.close()
    this.crash(tab)
  }

  freeze(tab: SimTab): void {
    this.world.log(`${tab.name} freezes`)
    tab.state = 'frozen'
  }

  thaw(tab: SimTab): void {
    if (tab.state !== 'frozen') return
    this.world.log(`${tab.name} thaws`)
    tab.state = 'running'
    this.world.time.thaw(tab)
    tab.wake()
  }

  setOnline(isOnline: boolean): void {
    this.world.log(`${this.name} is ${isOnline ? 'online' : 'offline'}`)
    this.isOnline = isOnline
    for (const tab of this.tabs) {
      if (isOnline) tab.wake()
      else tab.provider.disconnect()
    }
  }

  /** Whether the app of its newest tab has such a table. */
  knows(tableName: string): boolean {
    return Object.hasOwn(this.schema.tables, tableName)
  }

  /** Every record this device knows of, rows and tombstones. Only meaningful while no transaction is under way. */
  records(): Map<string, StoredRecord> {
    const records = new Map<string, StoredRecord>()
    for (const { tableName, pk, clock, hlc, op_id } of this.disk.read<TombstoneRecord>(this.databaseName, 'tombstones')) {
      records.set(`${tableName}/${pk}`, { tableName, pk, op: 'delete', clock, hlc, opId: op_id })
    }
    for (const tableName of Object.keys(simSchema.tables)) {
      for (const row of this.disk.read<SimRow>(this.databaseName, tableName)) {
        records.set(`${tableName}/${row.id}`, { tableName, pk: row.id, op: 'put', row, clock: row.clock ?? 0, hlc: row.hlc ?? '', opId: row.op_id })
      }
    }
    return records
  }

  outbox(): OutboxRecord[] {
    return this.disk.read<OutboxRecord>(this.databaseName, 'pending_ops')
  }

  conflicts(): ConflictRecord[] {
    return this.disk.read<ConflictRecord>(this.databaseName, 'sync_conflicts')
  }

  quarantine(): QuarantineRecord[] {
    return this.disk.read<QuarantineRecord>(this.databaseName, 'sync_quarantine')
  }

  cursor(): CursorState | undefined {
    return this.#state<CursorState>('cursor')
  }

  /** How far its leading tab says it is: what was only echoes is stored a little later. */
  position(): number {
    return Math.max(this.cursor()?.cursor ?? 0, ...this.tabs.map(({ engine }) => engine.status.get()).filter(({ isLeader }) => isLeader).map(({ cursor }) => cursor))
  }

  bootstrap(): BootstrapState | undefined {
    return this.#state<BootstrapState>('bootstrap')
  }

  #state<T>(id: string): T | undefined {
    return this.disk.read<{ id: string }>(this.databaseName, 'sync_state').find(record => record.id === id) as T | undefined
  }
}
