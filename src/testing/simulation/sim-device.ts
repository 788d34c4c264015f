import type { SyncRole, SyncStatus } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import type { BootstrapState, ConflictRecord, CursorState, DeviceState, OutboxRecord, QuarantineRecord, RefetchState } from '#or3-sync/core/sync/records/engine-records'
import { UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import { SimBrowser } from './sim-browser'
import type { SimChannels } from './sim-channel'
import type { SimDisk } from './sim-disk'
import type { SimLocks } from './sim-locks'
import { isPrivateIn, simSchema } from './sim-schema'
import { SimTab } from './sim-tab'
import type { SimWorld } from './sim-world'
import { readRows, readTombstones, type StoredRecord } from './stored-records'

const RELOAD_MS = 2_000

export interface SimDeviceOptions {
  /** Default: editor. */
  role?: SyncRole
  /** Whether its browser has Web Locks. Default: true. */
  hasLocks?: boolean
  /** Web Locks that never answer, or reject. Default: they work. */
  brokenLocks?: 'deaf' | 'refusing'
  /** Whether its browser's storage throws. Default: false. */
  isStorageBlocked?: boolean
  /** The browser, if it is shared with another session. Default: a new one. */
  browser?: SimBrowser
  /** The name of the database that was copied here from another device. Default: a new one. */
  databaseName?: string
}

/** One session in a browser: one database, with tabs that are opened and closed. */
export class SimDevice {
  readonly browser: SimBrowser
  readonly databaseName: string
  tabs: SimTab[] = []
  isOnline = true
  /** The user's role at the beginning, to which it returns after a change. */
  readonly ownRole: SyncRole
  /** The role as the app knows it. */
  role: SyncRole
  /** How often `role` has changed. */
  roleChanges = 0
  /** Its clock minus the true time, in milliseconds. */
  skew = 0
  rescans = 0
  /** `table/pk` of records whose refused edits were discarded. Their revisions may fall once. */
  readonly discarded = new Set<string>()
  /** The longest time for which it was closed, in milliseconds. */
  longestAbsence = 0
  /** The app that its newest tab runs. */
  schema = simSchema as unknown as SyncSchema
  #opened = 0

  constructor(readonly world: SimWorld, readonly name: string, readonly userId: string, readonly workspaceId: string, options: SimDeviceOptions = {}) {
    this.role = options.role ?? world.members.role(userId, workspaceId) ?? 'editor'
    // If the user's role is changed at the moment, a new device (a copied profile, another session) has the changed role, too.
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

  /** The user retries or discards all refused edits. */
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
      this.world.history?.discarded(this, `${tableName}/${op!.pk}`)
      await tab.engine.queue.discard(op!.opId)
    }
    if (how === 'retry') await tab.engine.queue.retry()
  }

  /** The user looks at the page. */
  wake(): void {
    for (const tab of this.tabs) tab.wake()
  }

  /** The app learns of the user's new role. */
  hearRole(role: SyncRole): void {
    if (role === this.role) return
    this.role = role
    this.roleChanges++
    for (const { engine } of this.tabs) engine.setRole(role)
  }

  /** Opens a tab and starts its engine. With `schema`, this tab and later ones run another version of the app. */
  open({ schema = this.schema }: { schema?: SyncSchema } = {}): SimTab {
    this.schema = schema
    const tab = new SimTab(this, `${this.name}.${++this.#opened}`, { provider: this.world.connect(this), role: this.role, schema })
    this.tabs.push(tab)
    this.world.log(`${tab.name} opens`)
    tab.engine.start().catch((error: unknown) => {
      this.world.log(`${tab.name} did not start: ${String(error)}`)
      // The app asks the user to reload, and the user does.
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

  /** Closes a tab normally: the engine is closed first. */
  async close(tab: SimTab): Promise<void> {
    this.world.log(`${tab.name} closes`)
    await tab.engine.close()
    this.crash(tab)
  }

  /** The browser closes a tab's database. The tab's next operation opens it again. */
  loseDatabase(tab: SimTab): void {
    this.world.log(`${tab.name} loses its database`)
    tab.loseDatabase()
  }

  /** The user clears the site's data while tabs are open. Edits that had not reached the store are gone, which is accepted. */
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

  /** Whether the app of its newest tab has this table. */
  knows(tableName: string): boolean {
    return Object.hasOwn(this.schema.tables, tableName)
  }

  /** Every record that this device knows, rows and tombstones. Only meaningful while no transaction is open. */
  records(): Map<string, StoredRecord> {
    return new Map([...readTombstones(this.disk, this.databaseName), ...readRows(this.disk, this.databaseName)])
  }

  /** What this device has of each shared record. For a private row that is the tombstone that other devices got. */
  shared(): Map<string, StoredRecord> {
    const records = readTombstones(this.disk, this.databaseName)
    const setAside = new Set(this.quarantine().map(({ tableName, pk }) => `${tableName}/${pk}`))
    for (const [key, record] of readRows(this.disk, this.databaseName)) {
      // A row that this version of the app keeps here may still have its op id. What the others have of it is newer.
      if (record.opId !== undefined && !((records.has(key) || setAside.has(key)) && this.keepsHere(record))) records.set(key, record)
    }
    return records
  }

  /** Whether the app of its newest tab keeps the row on the device. */
  keepsHere({ tableName, row }: StoredRecord): boolean {
    return row !== undefined && isPrivateIn(this.schema, tableName, row)
  }

  /** The private rows. */
  privateRows(): Map<string, StoredRecord> {
    return new Map([...readRows(this.disk, this.databaseName)].filter(([, { opId }]) => opId === undefined))
  }

  /** `table/pk` of records with edits in the outbox: pending, held or refused. */
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

  /** The device id that the store knows. A new database gets another one. */
  get deviceId(): string | undefined {
    return this.#state<DeviceState>('device')?.deviceId
  }

  cursor(): CursorState | undefined {
    return this.#state<CursorState>('cursor')
  }

  /** The cursor of the leading tab. It may be ahead of the stored one, because a page of only own echoes is stored later. */
  position(): number {
    return Math.max(this.cursor()?.cursor ?? 0, ...this.#leaders().map(({ cursor }) => cursor))
  }

  /** Whether exactly one tab leads. After the database was replaced, a tab that has not noticed yet still leads with the old one. */
  get hasOneLeader(): boolean {
    return this.hasLocks && this.#leaders().length <= 1
  }

  #leaders(): SyncStatus[] {
    return this.tabs.map(({ engine }) => engine.status.get()).filter(({ isLeader }) => isLeader)
  }

  bootstrap(): BootstrapState | undefined {
    return this.#state<BootstrapState>('bootstrap')
  }

  /** Whether the device has recorded that it has fetched all of a table up to its cursor. */
  speaksFor(tableName: string): boolean {
    return this.cursor()?.tables.includes(tableName) === true && !this.#state<RefetchState>('refetch')?.tables.includes(tableName)
  }

  /** Whether an upgrade step made this row for a viewer. It is sent once the viewer may write. */
  isUnsent({ tableName, hlc }: StoredRecord): boolean {
    return hlc === UPGRADED_HLC && this.unsentTables().includes(tableName)
  }

  /** Tables in which an upgrade step made rows that a viewer may not send. */
  unsentTables(): readonly string[] {
    return this.#state<RefetchState>('refetch')?.asWriter ?? []
  }

  #state<T>(id: string): T | undefined {
    return this.disk.read<{ id: string }>(this.databaseName, 'sync_state').find(record => record.id === id) as T | undefined
  }
}
