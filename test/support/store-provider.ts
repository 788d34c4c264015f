import type { ChangePage, PullResponse, PushResult, SyncChange, SyncProvider } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import type { SyncBackend } from 'or3-sync/server'
import type { Actor, VirtualTime } from '../../src/testing/simulation/virtual-time'
import { readOp } from '#or3-sync/shared/sync/store/read-op'
import { serializeChanges, serializeFeed } from '../../server/lib/wire/serialize-feed'
import { serializePush } from '../../server/lib/wire/serialize-push'

const LATENCY_MS = 5
const PAGE_BYTES = 1_000_000

export interface StoreProviderOptions {
  backend: SyncBackend
  schema: SyncSchema
  workspaceId: string
  time: VirtualTime
  /** The tab that asks: once it is dead, it hears no answer. */
  tab: Actor
}

/** A store without the gateway before it: as quick as a provider can be, for tests that need thousands of histories. */
export function storeProvider({ backend, schema, workspaceId, time, tab }: StoreProviderOptions): SyncProvider {
  const read = async (request: { cursor: number, limit?: number, tables?: string[], order?: 'asc' | 'desc', bootstrap?: boolean }) => {
    const { order = 'asc', bootstrap = order === 'desc', limit = 1_000, ...rest } = request
    const page = await backend.pull({ workspaceId, order, bootstrap, limit, ...rest, maxBytes: PAGE_BYTES })
    return JSON.parse(serializeFeed(page, { changes: serializeChanges(page.rows), serverTime: time.now }).toString()) as PullResponse
  }
  return {
    id: 'store',
    mode: 'direct',
    async push({ ops }) {
      await time.sleep(LATENCY_MS)
      const pushed = await backend.push({ workspaceId, userId: 'ann', items: ops.map(op => readOp(op, schema)), now: time.now })
      if (pushed.status !== 'pushed') throw new Error('the batch is too large')
      await time.sleep(LATENCY_MS, tab)
      return JSON.parse(serializePush(pushed, time.now).toString()) as PushResult
    },
    async pull({ scope: _, ...request }) {
      await time.sleep(LATENCY_MS, tab)
      return await read(request)
    },
    async subscribe(_, tables, onChanges: (changes: SyncChange[], page?: ChangePage) => void, options) {
      let cursor = options!.cursor()
      return backend.watch(workspaceId, () => time.schedule(LATENCY_MS, tab, () => {
        if (options!.signal.aborted) return
        void read({ cursor, tables }).then((page) => {
          if (page.requiresRescan) return options!.onStatus('error', { rescan: true })
          const from = cursor
          cursor = page.nextCursor
          onChanges(page.changes, { from, nextCursor: cursor, epoch: page.epoch, hasMore: page.hasMore })
        })
      }))
    },
  }
}
