import type { OnChanges, SyncChange, SyncProvider } from 'or3-sync/client'

export interface ListedProvider {
  provider: SyncProvider
  /** What the store holds, in the order of its versions. */
  store: SyncChange[]
  /** Hands live changes over, once somebody has subscribed. */
  live: () => OnChanges | null
}

/** A custom provider over a list of changes. It takes every push, and keeps none of it. */
export function listedProvider(over: Partial<SyncProvider> = {}): ListedProvider {
  const store: SyncChange[] = []
  let live: OnChanges | null = null
  const provider: SyncProvider = {
    id: 'listed', mode: 'direct',
    push: async ({ ops }) => ({ results: ops.map(op => ({ opId: op.stamp.opId, success: true, applied: true, serverVersion: 1 })), serverVersion: 1 }),
    pull: async ({ cursor }) => {
      const changes = store.filter(({ serverVersion }) => serverVersion > cursor)
      return { changes, nextCursor: changes.at(-1)?.serverVersion ?? (Number.isFinite(cursor) ? cursor : 0), hasMore: false }
    },
    subscribe: async (_scope, _tables, onChanges) => {
      live = onChanges
      return () => {}
    },
    ...over,
  }
  return { provider, store, live: () => live }
}

/** The change of a todo whose key and version are `n`. */
export function listedTodo(n: number): SyncChange {
  return {
    tableName: 'todos', pk: String(n), op: 'put', payload: { id: String(n), title: `t${n}` }, serverVersion: n,
    stamp: { deviceId: 'd', opId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, clock: 1, hlc: `0mdx00000:000${n}:abcdefgh` },
  }
}
