import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { ConvexReturns } from './convex-deployment'

type Change = ConvexReturns<'pull'>['changes'][number]
type Result = ConvexReturns<'push'>['results'][number]
type Revision = NonNullable<Result['winner']>

/** A change from the function `pull`, as a row of the store. */
export function toChangeRow({ payload, ...change }: Change): RecordRow {
  return { ...change, payload: payload ?? null }
}

/**
 * A result of the function `push`, in the form of `foldPush`. An op that the gateway itself refused keeps the gateway's error. `result` is
 * absent if the function was not asked about the op.
 */
export function toFoldedResult(item: PushItem, result: Result | undefined): FoldedResult {
  const record = item.kind === 'op' ? item : item.record
  const row = (revision: Revision | undefined) => revision && record ? toRow(record, revision) : undefined
  if (item.kind === 'rejected' || !result) {
    const current = row(result?.current)
    const { opId, errorCode, error } = item as Extract<PushItem, { kind: 'rejected' }>
    return { opId, success: false, errorCode, error, ...current && { current } }
  }
  const { winner, overwrote, overwroteEarlier, current, previous: _, ...plain } = result
  return {
    ...plain,
    ...winner && { winner: row(winner) },
    ...overwrote && { overwrote: row(overwrote) },
    ...overwroteEarlier && { overwroteEarlier: overwroteEarlier.map(revision => toRow(item, revision)) },
    ...current && { current: row(current) },
  }
}

function toRow({ tableName, pk }: { tableName: string, pk: string }, { payload, ...revision }: Revision): RecordRow {
  return { tableName, pk, ...revision, payload: payload ?? null }
}
