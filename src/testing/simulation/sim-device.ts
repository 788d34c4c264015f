import type { SyncRole, SyncStatus } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import type { BootstrapState, ConflictRecord, CursorState, DeviceState, OutboxRecord, QuarantineRecord, RefetchState, TombstoneRecord } from '#or3-sync/core/sync/records/engine-records'
import { UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import { SimBrowser } from './sim-browser'
import type { SimChannels } from './sim-channel'
import type { SimDisk } from './sim-disk'
import type { SimLocks } from './sim-locks'
import { nextSchema, simSchema, type SimRow } from './sim-schema'
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

export interface SimDeviceOptions {
  /** Default: editor. */
  role?: SyncRole
  /** Whether its browser has Web Locks. Default: true. */
  hasLocks?: boolean
  /** Web Locks that never answer, or reject. Default: they work. */
  brokenLocks?: 'deaf' | 'refusing'
  /** Whether its browser's storage throws. Default: false. */
  isStorageBlocked?: boolean
  /** The browser that it shares with another session. Default: one of its own. */
  browser?: SimBrowser
  /** That of the device whose profile this one is a copy of. Default: one of its own. */
  databaseName?: string
}

/** One session in a browser: a database, and tabs that come and go. */
export class SimDevice {
  readonly browser: SimBrowser
  readonly databaseName: string
  tabs: SimTab[] = []
  isOnline = true
  /** The user's role when nobody takes it away. */
  readonly ownRole: SyncRole
  /** What the app takes the user's role for. */
  role: SyncRole
  /** How often that has changed. */
  roleChanges = 0
  /** Its clock minus the true time, in milliseconds. */
  skew = 0
  rescans = 0
  /** `table/pk` of records whose refused edits were discarded: their revisions may fall, once. */
  readonly discarded = new Set<string>()
  /** Milliseconds for which it was closed, at most. */
  longestAbsence = 0
  /** The app that its newest tab runs. */
  schema = simSchema as unknown as SyncSchema
  #opened = 0

  constructor(readonly world: SimWorld, readonly name: string, readonly userId: string, readonly workspaceId: string, options: SimDeviceOptions = {}) {
    this.role = options.role ?? world.members.role(userId, workspaceId) ?? 'editor'
    // One that comes while the user's role is another for a while (a copied profile, another session) has the role of the user's others.
    const other = world.devices.find(device => device.userId === userId && device.workspaceId === workspaceId)
    this.ownRole = options.role ?? other?.ownRole ?? this.role
    this.browser = options.browser ?? new SimBrowser({
      time: world.time, random: world.random.fork(), locks: options.hasLocks === false ? 'none' : options.brokenLocks ?? 'working', isStorageBlocked: options.isStorageBlocked ?? false,
    })
    this.databaseName = options.databaseName ?? SimDevice.databaseNameOf(name, world.seed)
  }

  static databaseNameOf(name: string, seed: number): string {
    return `${name}-of-${seed}`
  }

  get disk(): SimDisk {
    return this.browser.disk
  }

  get locks(): SimLocks {
    return this.browser.locks
  }

  get channels(): SimChannels {
    return this.browser.channels
  }

  get hasLocks(): boolean {
    return this.browser.hasLocks
  }

  /** The user tries again what was refused, or gives it up. */
  async settleRefused(how: 'retry' | 'discard'): Promise<void> {
    const tab = this.tabs.find(({ state }) => state === 'running')
    const refused = this.outbox().filter(({ status }) => status === 'failed')
    if (!tab || !refused.length) return
    this.world.log(`${tab.name} ${how}: ${refused.map(({ tableName, ops }) => `${tableName}/${ops[0]!.pk}`).join(' ')}`)
    const { journal } = this.world
    for (const { tableName, ops: [op] } of refused) {
      const edit = journal.edits.get(journal.ofOp(op!.opId) ?? '')
      edit?.[how === 'retry' ? 'retriedBy' : 'discardedBy'].add(this.name)
      if (how === 'retry') {
        edit?.discardedBy.delete(this.name)
        continue
      }
      this.discarded.add(`${tableName}/${op!.pk}`)
      await tab.engine.queue.discard(op!.opId)
    }
    if (how === 'retry') await tab.engine.queue.retry()
  }

  /** Somebody looks at the page. */
  wake(): void {
    for (const tab of this.tabs) tab.wake()
  }

  /** The app has heard of another role. */
  hearRole(role: SyncRole): void {
    if (role === this.role) return
    this.role = role
    this.roleChanges++
    for (const { engine } of this.tabs) engine.setRole(role)
  }

  /** Opens a tab and starts its engine. With `schema`, it and the tabs after it run another version of the app. */
  open({ schema = this.schema }: { schema?: SyncSchema } = {}): SimTab {
    this.schema = schema
    const tab = new SimTab(this, `${this.name}.${++this.#opened}`, { provider: this.world.connect(this), role: this.role, schema })
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

  /** Tabs that still run an older version of the app are reloaded. */
  reloadOldTabs(): void {
    for (const tab of this.tabs.filter(({ schemaVersion }) => schemaVersion < this.schema.version)) {
      this.crash(tab)
      this.open()
    }
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

  /** The browser closes a tab's database; its next operation opens it again. */
  loseDatabase(tab: SimTab): void {
    this.world.log(`${tab.name} loses its database`)
    tab.loseDatabase()
  }

  /** The user clears the site's data under the open tabs. What had not reached the store is gone, and the user knows. */
  wipe(): void {
    this.world.log(`the database of ${this.name} is deleted`)
    this.disk.wipe(this.databaseName, () => {
      const { journal, checks } = this.world
      this.world.log(`the database of ${this.name} is gone`)
      for (const edit of journal.edits.values()) {
        if (edit.device === this.name && checks.appliedClock(edit) === null) edit.discardedBy.add(this.name)
      }
      checks.deviceWiped(this)
    })
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
    return new Map([...this.#tombstones(), ...this.#rows()])
  }

  /** What this device has of each record that others may have, too: private rows hide the tombstones that stand for them. */
  shared(): Map<string, StoredRecord> {
    const records = this.#tombstones()
    for (const [key, record] of this.#rows()) if (record.opId !== undefined) records.set(key, record)
    return records
  }

  /** Rows that are nobody else's. */
  privateRows(): Map<string, StoredRecord> {
    return new Map([...this.#rows()].filter(([, { opId }]) => opId === undefined))
  }

  /** `table/pk` of records whose edits are kept here: held, refused or on their way. */
  queuedKeys(): Set<string> {
    return new Set(this.outbox().flatMap(({ tableName, ops }) => ops.map(({ pk }) => `${tableName}/${pk}`)))
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

  /** As the store knows it; a new database gets another one. */
  get deviceId(): string | undefined {
    return this.#state<DeviceState>('device')?.deviceId
  }

  cursor(): CursorState | undefined {
    return this.#state<CursorState>('cursor')
  }

  /** How far its leading tab says it is: what was only echoes is stored a little later. */
  position(): number {
    return Math.max(this.cursor()?.cursor ?? 0, ...this.#leaders().map(({ cursor }) => cursor))
  }

  /** Whether its tabs have agreed on who leads. Where the database was replaced, a tab that has not looked yet still leads by the old one. */
  get hasOneLeader(): boolean {
    return this.hasLocks && this.#leaders().length <= 1
  }

  #leaders(): SyncStatus[] {
    return this.tabs.map(({ engine }) => engine.status.get()).filter(({ isLeader }) => isLeader)
  }

  bootstrap(): BootstrapState | undefined {
    return this.#state<BootstrapState>('bootstrap')
  }

  /** Whether it says of itself that it has all of a table up to its cursor. */
  speaksFor(tableName: string): boolean {
    return this.cursor()?.tables.includes(tableName) === true && !this.#state<RefetchState>('refetch')?.tables.includes(tableName)
  }

  /** Whether a step made this for a viewer: it waits until they may write. */
  isUnsent({ tableName, hlc }: StoredRecord): boolean {
    return hlc === UPGRADED_HLC && this.unsentTables().includes(tableName)
  }

  /** Tables in which a step made rows that a viewer may not send. */
  unsentTables(): readonly string[] {
    return this.#state<RefetchState>('refetch')?.asWriter ?? []
  }

  #tombstones(): Map<string, StoredRecord> {
    return new Map(this.disk.read<TombstoneRecord>(this.databaseName, 'tombstones').filter(({ isGivenUp }) => !isGivenUp).map(({ tableName, pk, clock, hlc, op_id }) =>
      [`${tableName}/${pk}`, { tableName, pk, op: 'delete', clock, hlc, opId: op_id }]))
  }

  #rows(): Map<string, StoredRecord> {
    return new Map(Object.keys(nextSchema.tables).flatMap(tableName => this.disk.read<SimRow>(this.databaseName, tableName).map((row): [string, StoredRecord] =>
      [`${tableName}/${row.id}`, { tableName, pk: row.id, op: 'put', row, clock: row.clock ?? 0, hlc: row.hlc ?? '', opId: row.op_id }])))
  }

  #state<T>(id: string): T | undefined {
    return this.disk.read<{ id: string }>(this.databaseName, 'sync_state').find(record => record.id === id) as T | undefined
  }
}
