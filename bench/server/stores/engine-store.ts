import type { AcceptedOp, SyncBackend } from 'or3-sync/server'
import type { Row } from '../../page/rows'
import type { BenchStore } from './bench-store'

const BATCH = 1_000
const MAX_BYTES = 4 * 1024 * 1024
const DEVICE = 'bench-filler'

/** The engine's store, written to as the gateway would do it for a device. */
export class EngineStore implements BenchStore {
  readonly #backend: SyncBackend

  constructor(backend: SyncBackend) {
    this.#backend = backend
  }

  async fill(workspace: string, rows: Row[]): Promise<void> {
    for (let start = 0; start < rows.length; start += BATCH) {
      await this.#push(workspace, rows.slice(start, start + BATCH).map(row => toOp(row, 1)))
    }
  }

  async retitle(workspace: string, keys: string[], title: string): Promise<void> {
    const ops: AcceptedOp[] = []
    for (const pk of keys) {
      const found = await this.#backend.get({ workspaceId: workspace, tableName: 'items', pk })
      if (!found?.payload) throw new Error(`the engine's store has no row ${pk}`)
      ops.push(toOp({ ...JSON.parse(found.payload) as Row, title }, found.stamp.clock + 1))
    }
    await this.#push(workspace, ops)
  }

  async count(workspace: string): Promise<number> {
    let [count, after] = [0, undefined as string | undefined]
    for (let hasMore = true; hasMore;) {
      const page = await this.#backend.list({ workspaceId: workspace, tableName: 'items', limit: BATCH, after, order: 'asc', maxBytes: MAX_BYTES })
      count += page.rows.length
      after = page.rows.at(-1)?.pk
      hasMore = page.hasMore
    }
    return count
  }

  async #push(workspaceId: string, items: AcceptedOp[]): Promise<void> {
    const outcome = await this.#backend.push({ workspaceId, userId: 'bench', items, now: Date.now() })
    if (outcome.status !== 'pushed' || outcome.applied !== items.length) throw new Error(`the engine's store did not take ${items.length} rows`)
  }
}

function toOp(row: Row, clock: number): AcceptedOp {
  const hlc = `${Date.now().toString(36).padStart(9, '0')}:0000:benchfiller0`
  return {
    kind: 'op', tableName: 'items', pk: row.id, op: 'put', payload: JSON.stringify(row),
    stamp: { deviceId: DEVICE, opId: crypto.randomUUID(), hlc, clock },
  }
}
