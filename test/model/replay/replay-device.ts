import { createSyncEngine, type SyncEngine } from 'or3-sync/client'
import { provideSyncCode } from '#or3-sync/core/sync/life/load-sync-code'
import * as syncCode from '#or3-sync/core/sync/life/sync-code'
import type { CursorState, OutboxRecord, QuarantineRecord, TombstoneRecord } from '#or3-sync/core/sync/records/engine-records'
import { SeededRandom } from '../../../src/testing/simulation/seeded-random'
import { IDBKeyRange, SimDisk } from '../../../src/testing/simulation/sim-disk'
import { SimLocks } from '../../../src/testing/simulation/sim-locks'
import type { Actor, VirtualTime } from '../../../src/testing/simulation/virtual-time'
import { HeldProvider, type HeldProviderOptions } from './held-provider'
import { replayTables } from './replay-schema'

// The clock of the model must not run on while code is loaded.
provideSyncCode(syncCode)

interface Row { id: string, edit: number, clock: number, hlc: string }

/** A real engine in a tab that can be killed. */
class ReplayTab implements Actor {
  state: Actor['state'] = 'running'
  readonly provider: HeldProvider
  readonly engine: SyncEngine<{ items: typeof replayTables.tables.items.schema }>
  readonly #disk: ReturnType<SimDisk['connect']>

  constructor(readonly name: string, private readonly device: { disk: SimDisk, locks: SimLocks, time: VirtualTime, random: SeededRandom }, options: HeldProviderOptions) {
    const { time } = device
    const random = device.random.fork()
    this.#disk = device.disk.connect()
    this.provider = new HeldProvider(options)
    this.engine = createSyncEngine({
      schema: replayTables,
      session: { userId: options.userId, workspaceId: options.workspaceId, role: 'editor' },
      provider: this.provider,
      databaseName: options.userId,
      indexedDB: this.#disk.factory,
      IDBKeyRange,
      environment: {
        clock: { now: () => time.now, setTimeout: (callback, ms) => time.schedule(ms, this, callback), clearTimeout: timer => time.cancel(timer) },
        random: random.next, uuid: random.uuid, locks: device.locks.for(this), channel: () => null, isOnline: () => true,
        onWake: () => () => {}, onHide: () => () => {}, whenIdle: callback => void time.schedule(0, this, callback), persist: async () => null,
      },
    })
  }

  crash(): void {
    this.state = 'dead'
    this.engine.db.close({ disableAutoOpen: true })
    this.#disk.cut()
    this.device.locks.release(this)
  }
}

/** A device of the model, played by a real engine. It survives its tab. */
export class ReplayDevice {
  readonly #disk = new SimDisk()
  readonly #locks: SimLocks
  readonly #random: SeededRandom
  #tab: ReplayTab
  #pulledTwice = false

  constructor(private readonly options: HeldProviderOptions & { time: VirtualTime }) {
    this.#locks = new SimLocks(options.time)
    this.#random = new SeededRandom(options.userId === 'd1' ? 1 : 2)
    this.#tab = this.#open()
  }

  /** See `HeldProvider.pulledTwice`. */
  get pulledTwice(): boolean {
    return this.#pulledTwice || this.provider.pulledTwice
  }

  get provider(): HeldProvider {
    return this.#tab.provider
  }

  get engine(): ReplayTab['engine'] {
    return this.#tab.engine
  }

  start(): void {
    void this.engine.start()
  }

  /** The tab dies. The next one captures edits, and does not sync before `start`. */
  crash(): void {
    this.#pulledTwice = this.pulledTwice
    this.#tab.crash()
    this.#tab = this.#open()
  }

  /** Makes the engine pull, if it does not already. */
  askForPage(): void {
    if (!this.provider.heldPull) this.provider.nudge()
  }

  async write(writes: readonly { pk: string, edit: number | null }[]): Promise<void> {
    const { db } = this.engine
    await db.transaction('rw', [db.table('items')], async () => {
      for (const { pk, edit } of writes) {
        if (edit === null) await db.table('items').delete(pk)
        else await db.table('items').put({ id: pk, edit })
      }
    })
  }

  rows(): Row[] {
    return this.#read<Row>('items')
  }

  tombstones(): TombstoneRecord[] {
    return this.#read<TombstoneRecord>('tombstones')
  }

  outbox(): OutboxRecord[] {
    return this.#read<OutboxRecord>('pending_ops')
  }

  quarantine(): QuarantineRecord[] {
    return this.#read<QuarantineRecord>('sync_quarantine')
  }

  cursor(): CursorState | undefined {
    return this.#read<CursorState>('sync_state').find(({ id }) => id === 'cursor')
  }

  isWalking(): boolean {
    return this.#read<{ id: string }>('sync_state').some(({ id }) => id === 'bootstrap')
  }

  #read<T>(store: string): T[] {
    return this.#disk.read<T>(this.options.userId, store)
  }

  #open(): ReplayTab {
    return new ReplayTab(this.options.userId, { disk: this.#disk, locks: this.#locks, time: this.options.time, random: this.#random }, this.options)
  }
}
