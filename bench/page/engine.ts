import { createSyncEngine, GatewaySyncProvider } from 'or3-sync/client'
import { epochNow } from './epoch-now'
import { measureLargeTable, type LargeTableTimes } from './large-table'
import { measure } from './measure'
import { PROBE_ID, ProbeWatcher } from './probe-watcher'
import { makeRow, makeRows } from './rows'
import { schema } from './schema'
import type { BenchSubject } from './subject'

const USER = 'bench'

function createEngine(workspaceId: string) {
  const provider = new GatewaySyncProvider({ baseURL: location.origin })
  return createSyncEngine({ schema, session: { userId: USER, workspaceId }, provider })
}

/** The engine as an app uses it: started, so that it captures, pushes and subscribes. */
class EngineSubject implements BenchSubject {
  #engine!: ReturnType<typeof createEngine>
  #committedAt = 0
  #drained: Promise<number> | undefined
  readonly #probe = new ProbeWatcher()

  async open(workspace: string): Promise<void> {
    this.#engine = createEngine(workspace)
    await this.#engine.start()
    await this.#engine.whenIdle()
  }

  async singleWrites(count: number): Promise<number[]> {
    const times: number[] = []
    for (const row of makeRows(count)) times.push(await measure(() => this.#engine.db.items.put(row)))
    return times
  }

  async bulkWrite(count: number): Promise<number> {
    const rows = makeRows(count)
    const time = await measure(() => this.#engine.db.items.bulkPut(rows))
    this.#committedAt = performance.now()
    // Start waiting now: the engine pushes as soon as the write has committed.
    this.#drained = this.#engine.whenIdle().then(() => performance.now())
    return time
  }

  async drain(): Promise<number> {
    if (!this.#drained) throw new Error('write something first')
    const time = await this.#drained - this.#committedAt
    const { pendingCount, failedCount } = this.#engine.status.get()
    if (pendingCount + failedCount > 0) throw new Error(`${pendingCount} edits are pending and ${failedCount} failed after the drain`)
    return time
  }

  async bootstrap(workspace: string, count: number): Promise<number> {
    const time = await measure(async () => {
      this.#engine = createEngine(workspace)
      await this.#engine.start()
      await this.#engine.whenIdle()
    })
    const held = await this.#engine.db.items.count()
    if (held !== count) throw new Error(`the engine holds ${held} of ${count} rows`)
    return time
  }

  async largeTable(rows: number): Promise<LargeTableTimes> {
    const provider = new GatewaySyncProvider({ baseURL: location.origin })
    // Not started, and without a channel: messages to other tabs are not to be measured here.
    this.#engine = createSyncEngine({ schema, session: { userId: USER, workspaceId: 'large' }, provider, environment: { channel: () => null } })
    return await measureLargeTable(this.#engine.db.items, rows)
  }

  async writeProbe(sequence: number): Promise<number> {
    const row = { ...makeRow(sequence), id: PROBE_ID }
    const at = epochNow()
    await this.#engine.db.items.put(row)
    return at
  }

  watchProbe(): void {
    this.#probe.watch(this.#engine.db)
  }

  async probeSeen(sequence: number): Promise<number> {
    return await this.#probe.until(sequence)
  }
}

Object.assign(window, { subject: new EngineSubject() })
