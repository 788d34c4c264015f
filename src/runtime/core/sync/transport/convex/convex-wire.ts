import type { ApiFromModules, FunctionArgs, FunctionReturnType } from 'convex/server'
import type { SyncFunctions } from 'or3-sync/convex'
import type { PendingOp, PullResponse, PushOpResult, PushResult, WirePayload } from '../../../../shared/sync/protocol/types'

/** The types that the sync functions take and return, from their validators. Types only, so the client does not bundle the functions. */
type Api = ApiFromModules<{ sync: SyncFunctions }>['sync']

export type ConvexOp = Exclude<FunctionArgs<Api['push']>['ops'][number], { look: unknown }>
export type ConvexPushReply = FunctionReturnType<Api['push']>
export type ConvexPullReply = FunctionReturnType<Api['pull']>
export type ConvexWatchReply = FunctionReturnType<Api['watchChanges']>

type ConvexOpResult = ConvexPushReply['results'][number]

/** The part of an op that the store reads. */
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
  return { ...page, changes: changes.map(withPayload) }
}

function fromOpResult({ winner, overwrote, overwroteEarlier, current, previous: _, ...plain }: ConvexOpResult): PushOpResult {
  return {
    ...plain,
    ...(winner ? { winner: withPayload(winner) } : {}),
    ...(overwrote ? { overwrote: withPayload(overwrote) } : {}),
    ...(overwroteEarlier ? { overwroteEarlier: overwroteEarlier.map(withPayload) } : {}),
    ...(current ? { current: withPayload(current) } : {}),
  }
}

/** Convex gets payloads as JSON text, because its own values allow no keys that begin with `$`, and no deep nesting. */
function withPayload<T extends { payload?: string }>({ payload, ...rest }: T) {
  return payload === undefined ? rest : { ...rest, payload: JSON.parse(payload) as WirePayload }
}
