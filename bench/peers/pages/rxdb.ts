import { createRxDatabase, type RxCollection } from 'rxdb/plugins/core'
import type { ReplicationState } from 'rxdb/plugins/replication'
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'
import { BaseSubject, checkHeld } from '../../page/base-subject'
import { epochNow } from '../../page/epoch-now'
import { measure } from '../../page/measure'
import { PROBE_ID, ProbeWatcher } from '../../page/probe-watcher'
import { makeRow, type Row } from '../../page/rows'
import type { BenchSubject, ReopenTimes } from '../../page/subject'
import { replicate } from './rxdb-replication'

const text = { type: 'string', maxLength: 100 }
const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: text, list_id: text, title: { type: 'string' }, body: { type: 'string' }, done: { type: 'boolean' }, position: { type: 'number' }, created_at: { type: 'number' } },
  required: ['id', 'list_id', 'title', 'body', 'done', 'position', 'created_at'],
  indexes: ['list_id'],
}

/** RxDB with its storage on Dexie. Its server is the floor's store, and it never has a conflict. */
class RxSubject extends BaseSubject implements BenchSubject {
  #items!: RxCollection<Row>
  #replication: ReplicationState | undefined
  #failure: unknown
  readonly #probe = new ProbeWatcher()

  async open(workspace: string, live: boolean): Promise<void> {
    await this.#openItems(workspace)
    if (live) await this.#start(workspace)
  }

  put(row: Row): Promise<unknown> {
    return this.#items.insert(row)
  }

  bulkPut(rows: Row[]): Promise<unknown> {
    return this.#items.bulkInsert(rows)
  }

  async drain(): Promise<number> {
    await this.settle()
    return performance.now() - this.committedAt
  }

  async settle(): Promise<void> {
    await this.#replication?.awaitInSync()
    if (this.#failure) throw new Error(`RxDB could not replicate: ${JSON.stringify(this.#failure)}`)
  }

  async count(): Promise<number> {
    return await this.#items.count().exec()
  }

  async bootstrap(workspace: string, count: number): Promise<number> {
    const time = await measure(() => this.open(workspace, true))
    checkHeld('RxDB', await this.count(), count)
    return time
  }

  async reopen(workspace: string, key: string): Promise<ReopenTimes> {
    const start = performance.now()
    await this.#openItems(workspace)
    if (!await this.#items.findOne(key).exec()) throw new Error('RxDB has lost a row')
    const row = performance.now() - start
    await this.#start(workspace)
    await this.settle()
    return { row, idle: performance.now() - start }
  }

  async catchUp(workspace: string, keys: string[], title: string): Promise<number> {
    return await measure(async () => {
      await this.#openItems(workspace)
      const shown = new Promise<void>(resolve => this.#items.findByIds(keys).$.subscribe((rows) => {
        if (keys.every(key => rows.get(key)?.toJSON().title === title)) resolve()
      }))
      await this.#start(workspace)
      await shown
    })
  }

  /** The probe row is written many times, so it is no insert. */
  override async writeProbe(sequence: number): Promise<number> {
    const row = { ...makeRow(sequence), id: PROBE_ID }
    const at = epochNow()
    await this.#items.upsert(row)
    return at
  }

  watchProbe(): void {
    this.#items.findOne(PROBE_ID).$.subscribe(row => this.#probe.show(row?.toJSON()))
  }

  async probeSeen(sequence: number): Promise<number> {
    return await this.#probe.until(sequence)
  }

  async #openItems(workspace: string): Promise<void> {
    const db = await createRxDatabase({ name: `rxdb-${workspace}`, storage: getRxStorageDexie() })
    ;({ items: this.#items } = await db.addCollections<{ items: RxCollection<Row> }>({ items: { schema } }))
  }

  async #start(workspace: string): Promise<void> {
    this.#replication = await replicate(this.#items, workspace)
    this.#replication.error$.subscribe((error) => { this.#failure = error })
    await this.#replication.awaitInitialReplication()
  }
}

Object.assign(window, { subject: new RxSubject() })
