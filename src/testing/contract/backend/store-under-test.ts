import { vi } from 'vitest'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { BackendPull, BackendPush, SyncBackend } from 'or3-sync/server'
import { acceptedOp, NOW } from '../make-op'
import type { OpOptions } from '../make-op'

export const DAY = 24 * 60 * 60_000

/** The store of the test that runs, and short ways to call it. What a test does not name is user `ada` and workspace `w1`, at `NOW`. */
export class StoreUnderTest {
  #backend: SyncBackend | null = null

  /** Begins a test with a new store. */
  begin(backend: SyncBackend): void {
    this.#backend = backend
  }

  get backend(): SyncBackend {
    return this.#backend!
  }

  push = async (ops: OpOptions[], { workspaceId = 'w1', userId = 'ada', now = NOW, purgedBefore, mark }: Partial<BackendPush> = {}) => {
    const outcome = await this.backend.push({ workspaceId, userId, items: ops.map(acceptedOp), now, purgedBefore, mark })
    if (outcome.status !== 'pushed') throw new Error(outcome.status)
    return outcome
  }

  pull = (request: Partial<BackendPull> = {}) =>
    this.backend.pull({ workspaceId: 'w1', cursor: 0, limit: 100, order: 'asc', bootstrap: false, maxBytes: 1_000_000, ...request })

  brief = (rows: RecordRow[]) => rows.map(row => `${row.pk}${row.serverVersion}`)

  gc = (now = NOW, purgeBefore?: number) => this.backend.gc({ now, retentionMs: 30 * DAY, cursorExpiryMs: 7 * DAY, purgeBefore })

  /** A watcher may hear of a commit a moment after the push has returned. */
  heard = (check: () => void) => vi.waitFor(check, { interval: 5 })

  cursor = (deviceId: string, version: number, { userId = 'ada', now = NOW } = {}) =>
    this.backend.updateCursor({ workspaceId: 'w1', userId, deviceId, version, now })
}
