import type { PendingOp, PullResponse, PushOpResult, PushResult, StoredRevision, SyncChange, WirePayload } from '../../../../shared/sync/protocol/types'

/** On Convex's own wire a payload is JSON text: its values know no keys that begin with `$`, and no deep nesting. */
type AsText<T extends { payload?: WirePayload }> = Omit<T, 'payload'> & { payload?: string }

export type ConvexOp = AsText<Pick<PendingOp, 'tableName' | 'operation' | 'pk' | 'payload' | 'stamp' | 'base' | 'unheard'>>

interface ConvexOpResult extends Omit<PushOpResult, 'winner' | 'overwrote' | 'overwroteEarlier' | 'current'> {
  winner?: AsText<StoredRevision>
  overwrote?: AsText<StoredRevision>
  overwroteEarlier?: AsText<StoredRevision>[]
  current?: AsText<StoredRevision>
}

export interface ConvexPushReply extends Omit<PushResult, 'results'> {
  results: ConvexOpResult[]
  /** How many ops took a version of their own: the last ones up to `serverVersion`. */
  applied: number
}

export interface ConvexPullReply extends Omit<PullResponse, 'changes'> {
  changes: AsText<SyncChange>[]
}

export interface ConvexWatchReply {
  latestVersion: number
  epoch: string
}

/** Of an op what the store reads. */
export function toConvexOp({ tableName, operation, pk, payload, stamp: { deviceId, opId, hlc, clock }, base, unheard }: PendingOp): ConvexOp {
  return {
    tableName, operation, pk, stamp: { deviceId, opId, hlc, clock },
    ...(payload ? { payload: JSON.stringify(payload) } : {}),
    ...(base === undefined ? {} : { base: base && { clock: base.clock, hlc: base.hlc } }),
    ...(unheard?.length ? { unheard } : {}),
  }
}

export function fromConvexPush({ results, applied: _, ...reply }: ConvexPushReply): PushResult {
  return { ...reply, results: results.map(fromOpResult) }
}

export function fromConvexPull({ changes, ...page }: ConvexPullReply): PullResponse {
  return { ...page, changes: changes.map(withPayload<SyncChange>) }
}

function fromOpResult({ winner, overwrote, overwroteEarlier, current, ...plain }: ConvexOpResult): PushOpResult {
  return {
    ...plain,
    ...(winner ? { winner: withPayload<StoredRevision>(winner) } : {}),
    ...(overwrote ? { overwrote: withPayload<StoredRevision>(overwrote) } : {}),
    ...(overwroteEarlier ? { overwroteEarlier: overwroteEarlier.map(withPayload<StoredRevision>) } : {}),
    ...(current ? { current: withPayload<StoredRevision>(current) } : {}),
  }
}

function withPayload<T extends { payload?: WirePayload }>({ payload, ...rest }: AsText<T>): T {
  return (payload === undefined ? rest : { ...rest, payload: JSON.parse(payload) as WirePayload }) as unknown as T
}
