import { provideSyncCode } from '#or3-sync/core/sync/life/load-sync-code'
import * as syncCode from '#or3-sync/core/sync/life/sync-code'
import { GatewayLink } from '#or3-sync/core/sync/transport/gateway/gateway-link'
import { provideGatewayLink } from '#or3-sync/core/sync/transport/gateway/load-gateway-link'
import { createSyncEngine, type SyncEngine, type SyncProvider, type SyncRole } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import type { Edit } from './journal'
import type { SimDevice } from './sim-device'
import { IDBKeyRange, type SimDisk } from './sim-disk'
import { SimProvider } from './sim-provider'
import { isPrivateIn, type nextSchema, type OddFields, type SimRow, type SimTable } from './sim-schema'
import type { Actor } from './virtual-time'

// The virtual clock would run on while they are loaded.
provideSyncCode(syncCode)
provideGatewayLink(GatewayLink)

export interface EditRequest {
  kind: 'put' | 'update' | 'add' | 'delete'
  tableName: SimTable
  pk: string
  hold?: boolean
  secret?: boolean
  /** Only in histories with `oddRows`. A field that is undefined is taken out of the row. */
  odd?: OddFields
}

/** One tab of a simulated device: a real engine in a simulated environment. */
export class SimTab implements Actor {
  readonly name: string
  state: Actor['state'] = 'running'
  readonly engine: SyncEngine<{ [K in SimTable]: typeof nextSchema.tables[K]['schema'] }>
  readonly provider: SimProvider
  readonly #timers = new Set<unknown>()
  readonly #wakeListeners = new Set<() => void>()
  readonly #disk: ReturnType<SimDisk['connect']>
  readonly #tables: string[]
  /** The schema version of the app that it runs. */
  readonly schemaVersion: number
  readonly #schema: SyncSchema

  constructor(readonly device: SimDevice, name: string, options: { provider: SyncProvider, role?: SyncRole, schema: SyncSchema }) {
    const { time, network, pump, log } = device.world
    this.name = name
    this.#tables = Object.keys(options.schema.tables)
    this.schemaVersion = options.schema.version
    this.#schema = options.schema
    const random = device.world.random.fork()
    const disk = device.disk.connect()
    this.#disk = disk
    this.provider = new SimProvider({ inner: options.provider, network, time, pump, tab: this, storeSize: device.world.storeSize, traits: device.world.traits, isOnline: () => device.isOnline, log, onClockUnsaid: op => device.world.history?.clockUnsaid(device.workspaceId, op) })
    this.engine = createSyncEngine({
      // This version of the app may have fewer tables. The type is that of the latest version.
      schema: options.schema as unknown as typeof nextSchema,
      session: { userId: device.userId, workspaceId: device.workspaceId, role: options.role },
      provider: this.provider,
      databaseName: device.databaseName,
      indexedDB: disk.factory,
      IDBKeyRange,
      environment: {
        clock: {
          now: () => time.now + device.skew,
          setTimeout: (callback, ms) => {
            const timer: unknown = time.schedule(ms, this, () => {
              this.#timers.delete(timer)
              callback()
            })
            this.#timers.add(timer)
            return timer
          },
          clearTimeout: (timer) => {
            this.#timers.delete(timer)
            time.cancel(timer)
          },
        },
        random: random.next,
        uuid: random.uuid,
        log: { debug() {}, info: message => log(`${name}: ${message}`), warn: (message, error) => log(`${name} warns: ${message} ${String(error)}`), error: (message, error) => log(`${name} error: ${message} ${String(error)}`) },
        locks: device.browser.locksFor(this),
        channel: channelName => device.browser.openChannel(this, channelName),
        isOnline: () => device.isOnline,
        onWake: (callback) => {
          this.#wakeListeners.add(callback)
          return () => this.#wakeListeners.delete(callback)
        },
        whenIdle: callback => void time.schedule(0, this, callback),
        persist: () => device.browser.persist(),
      },
    })
    // The same as Dexie's default listener, but without its warning on the console.
    this.engine.db.on('versionchange', () => {
      this.engine.db.close({ disableAutoOpen: false })
      return false
    })
    this.engine.hooks.addAction('sync.op:action:captured', ({ op }) => {
      device.world.journal.captured(name, op)
      device.world.history?.captured(device, op)
    })
    this.engine.hooks.addAction('sync.push:action:split', ({ ops, parts }) => {
      log(`${name} sends ${ops} edits in ${parts} parts`)
      device.world.history?.split(device)
    })
    this.engine.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { device.rescans++; log(`${name} rescans: ${reason}`) })
    this.engine.hooks.addAction('sync.error:action', ({ error, code }) => log(`${name} ${code}: ${error.message}`))
    this.engine.hooks.addAction('sync.pull:action:error', ({ error }) => log(`${name} pull failed: ${error.message}`))
  }

  /** What this tab still uses of its environment. After the engine was closed that must be nothing. */
  get leftovers(): Record<string, number> {
    const { device, provider } = this
    return {
      timers: this.#timers.size, locks: device.locks.usedBy(this), channels: device.channels.usedBy(this),
      subscriptions: provider.subscriptions, listeners: this.#wakeListeners.size,
    }
  }

  /** Whether its version of the app has this table. */
  knows(tableName: string): boolean {
    return this.#tables.includes(tableName)
  }

  /** The browser reports that it is online or visible again. */
  wake(): void {
    if (this.state === 'running') for (const listener of [...this.#wakeListeners]) listener()
  }

  /** The tab dies at this moment. Open transactions are rolled back, and nobody is told. */
  crash(): void {
    if (this.state === 'dead') return
    this.state = 'dead'
    this.engine.db.close({ disableAutoOpen: true })
    this.#disk.cut()
    this.device.locks.release(this)
    this.device.channels.release(this)
    this.provider.dispose()
  }

  loseDatabase(): void {
    this.#disk.lose()
  }

  /** Makes these edits in one transaction of the app. Resolves to whether it committed. */
  async edit(requests: readonly EditRequest[], { abort = false } = {}): Promise<boolean> {
    const { journal, log } = this.device.world
    const { db } = this.engine
    const edits = requests.map(({ tableName, pk, kind, secret, hold }) => journal.open({
      tab: this.name, device: this.device.name, tableName, pk, op: kind === 'delete' ? 'delete' : 'put', secret, isHeld: hold,
    }))
    for (const edit of edits) edit.group = edits[0]!.id
    const described = requests.map((request, index) => `${edits[index]!.id} ${describeRequest(request)}`).join(', ')
    log(`${this.name} begins ${described}`)
    const { role, roleChanges } = this.device
    try {
      await db.transaction('rw', [...this.#tables, 'tombstones'], async () => {
        for (const [index, request] of requests.entries()) await this.#write(request, edits[index]!)
        if (abort) throw new Error('the app changed its mind')
      })
    }
    catch (error) {
      for (const edit of edits) journal.close(edit, 'aborted')
      log(`${this.name} did not commit ${edits.map(({ id }) => id).join(' ')}: ${(error as Error).name}`)
      return false
    }
    for (const edit of edits) journal.close(edit, 'committed')
    if (role === 'viewer' && roleChanges === this.device.roleChanges) this.device.world.checks.fail(`(f) ${this.name} committed ${described} as a viewer`)
    log(`${this.name} committed ${edits.map(({ id }) => id).join(' ')}`)
    return true
  }

  async #write({ kind, tableName, pk, hold, secret, odd }: EditRequest, edit: Edit): Promise<void> {
    const table = this.engine.db.table<SimRow, string>(tableName)
    const stored = await table.get(pk)
    edit.parent = stored?.edit ?? await this.#deletedBy(tableName, pk)
    const row: SimRow = { id: pk, edit: edit.id, parent: edit.parent, ...(hold ? { hold } : {}), ...(secret ? { secret } : {}), ...odd }
    edit.isKept = isPrivateIn(this.#schema, tableName, row)
    if (kind === 'delete') {
      // There is no row to delete, so nothing happens that others would have to learn of.
      if (!stored) throw new Error('nothing to delete')
      edit.isPrivate = stored.op_id === undefined || isPrivateIn(this.#schema, tableName, stored)
      await table.delete(pk)
    }
    else if (kind === 'add') await table.add(row)
    else if (kind === 'update' && stored) await table.update(pk, { edit: edit.id, parent: edit.parent, hold, secret, ...odd })
    else await table.put(row)
  }

  async #deletedBy(tableName: string, pk: string): Promise<string | null> {
    const tombstone = await this.engine.db.table<{ op_id: string }>('tombstones').get([tableName, pk])
    return tombstone ? this.device.world.journal.ofOp(tombstone.op_id) ?? null : null
  }
}

function describeRequest({ kind, tableName, pk, hold, secret, odd: { mood, text, scope } = {} }: EditRequest): string {
  const words = [hold && 'held', secret && 'secret', mood && `mood ${mood}`, text && `text of ${text.length}`, scope && `scope ${scope}`].filter(word => word)
  return [`${kind} ${tableName}/${pk}`, ...words].join(' ')
}
