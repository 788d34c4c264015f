import { vi } from 'vitest'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { ServerEdit } from '#or3-sync/shared/sync/store/server-edit'
import type { BackendList, BackendPull, BackendPush, BackendWrite, SyncBackend } from 'or3-sync/server'
import { acceptedOp, nextOpId, NOW } from '../make-op'
import type { OpOptions } from '../make-op'
import { storeSchema } from '../store-schema'

export const DAY = 24 * 60 * 60_000

export interface EditOptions extends Partial<ServerEdit> {
  pk: string
}

/** An edit of the server's own. Default: a put of the row `{ id, title: 'by the server' }` in `todos`. */
export function serverEdit(options: EditOptions): ServerEdit {
  const { kind = 'put', pk } = options
  return { tableName: 'todos', opId: nextOpId(), kind, ...kind === 'put' && { payload: { id: pk, title: 'by the server' } }, ...options }
}

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

  /** A write that may be refused. */
  tryWrite = (edits: EditOptions[], { workspaceId = 'w1', now = NOW }: Partial<BackendWrite> = {}) =>
    this.backend.write({ workspaceId, edits: edits.map(serverEdit), schema: storeSchema as unknown as SyncSchema, now })

  write = async (edits: EditOptions[], request: Partial<BackendWrite> = {}) => {
    const outcome = await this.tryWrite(edits, request)
    if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`)
    return outcome
  }

  get = (pk: string, { tableName = 'todos', workspaceId = 'w1' } = {}) => this.backend.get({ workspaceId, tableName, pk })

  list = (request: Partial<BackendList> = {}) => this.backend.list({ workspaceId: 'w1', tableName: 'todos', limit: 100, order: 'asc', maxBytes: 1_000_000, ...request })

  pull = (request: Partial<BackendPull> = {}) =>
    this.backend.pull({ workspaceId: 'w1', cursor: 0, limit: 100, order: 'asc', bootstrap: false, maxBytes: 1_000_000, ...request })

  brief = (rows: RecordRow[]) => rows.map(row => `${row.pk}${row.serverVersion}`)

  gc = (now = NOW, purgeBefore?: number) => this.backend.gc({ now, retentionMs: 30 * DAY, cursorExpiryMs: 7 * DAY, purgeBefore })

  /** A watcher may hear of a commit a moment after the push has returned. */
  heard = (check: () => void) => vi.waitFor(check, { interval: 5 })

  cursor = (deviceId: string, version: number, { userId = 'ada', now = NOW } = {}) =>
    this.backend.updateCursor({ workspaceId: 'w1', userId, deviceId, version, now })
}
