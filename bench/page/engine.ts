import { createSyncEngine, GatewaySyncProvider } from 'or3-sync/client'
import { BaseSubject, checkHeld } from './base-subject'
import { measureLargeTable, type LargeTableTimes } from './large-table'
import { measure } from './measure'
import { ProbeWatcher } from './probe-watcher'
import type { Row } from './rows'
import { schema } from './schema'
import { setWorkspace } from './set-workspace'
import type { BenchSubject, LargeTableSubject, ReopenTimes } from './subject'
import { untilTitled } from './until-titled'

const USER = 'bench'

function createEngine(workspaceId: string) {
  setWorkspace(workspaceId)
  const provider = new GatewaySyncProvider({ baseURL: location.origin })
  return createSyncEngine({ schema, session: { userId: USER, workspaceId }, provider })
}

/** The engine as an app uses it. Live: it captures, pushes and subscribes. Else it captures only. */
class EngineSubject extends BaseSubject implements BenchSubject, LargeTableSubject {
  #engine!: ReturnType<typeof createEngine>
  #drained: Promise<number> | undefined
  readonly #probe = new ProbeWatcher()

  async open(workspace: string, live: boolean): Promise<void> {
    this.#engine = createEngine(workspace)
    if (!live) return void await this.#engine.db.open()
    await this.#engine.start()
    await this.#engine.whenIdle()
  }

  put(row: Row): PromiseLike<unknown> {
    return this.#engine.db.items.put(row)
  }

  bulkPut(rows: Row[]): PromiseLike<unknown> {
    return this.#engine.db.items.bulkPut(rows)
  }

  override async bulkWrite(count: number): Promise<number> {
    const time = await super.bulkWrite(count)
    // Start waiting now: the engine pushes as soon as the write has committed.
    if (this.#engine.isRunning()) this.#drained = this.settle().then(() => performance.now())
    return time
  }

  async drain(): Promise<number> {
    if (!this.#drained) throw new Error('write something first')
    return await this.#drained - this.committedAt
  }

  async settle(): Promise<void> {
    await this.#engine.whenIdle()
    const { pendingCount, failedCount } = this.#engine.status.get()
    if (pendingCount + failedCount > 0) throw new Error(`${pendingCount} edits are pending and ${failedCount} failed`)
  }

  async count(): Promise<number> {
    return await this.#engine.db.items.count()
  }

  async bootstrap(workspace: string, count: number): Promise<number> {
    const time = await measure(() => this.open(workspace, true))
    checkHeld('the engine', await this.count(), count)
    return time
  }

  async reopen(workspace: string, key: string): Promise<ReopenTimes> {
    const start = performance.now()
    this.#engine = createEngine(workspace)
    const starting = this.#engine.start()
    if (!await this.#engine.db.items.get(key)) throw new Error('the engine has lost a row')
    const row = performance.now() - start
    await starting
    await this.#engine.whenIdle()
    return { row, idle: performance.now() - start }
  }

  async catchUp(workspace: string, keys: string[], title: string): Promise<number> {
    return await measure(async () => {
      this.#engine = createEngine(workspace)
      const shown = untilTitled(this.#engine.db, keys, title)
      await this.#engine.start()
      await shown
    })
  }

  async largeTable(rows: number): Promise<LargeTableTimes> {
    const provider = new GatewaySyncProvider({ baseURL: location.origin })
    // Not started, and without a channel: messages to other tabs are not to be measured here.
    this.#engine = createSyncEngine({ schema, session: { userId: USER, workspaceId: 'large' }, provider, environment: { channel: () => null } })
    return await measureLargeTable(this.#engine.db.items, rows)
  }

  watchProbe(): void {
    this.#probe.watch(this.#engine.db)
  }

  async probeSeen(sequence: number): Promise<number> {
    return await this.#probe.until(sequence)
  }
}

Object.assign(window, { subject: new EngineSubject() })
