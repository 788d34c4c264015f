import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import type { Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { WireResult, WireRevision } from './wire'

/** A result in the form that travels. `previous`: the revision that each written row has replaced, by version. */
export function toWireResult({ winner, overwrote, overwroteEarlier, current, ...plain }: FoldedResult, previous: ReadonlyMap<number, Revision | null>): WireResult {
  const replaced = plain.applied && !plain.replayed ? previous.get(plain.serverVersion!) : undefined
  return {
    // Of all codes a single op is refused with those that the validator names.
    ...plain as Omit<WireResult, 'winner' | 'overwrote' | 'overwroteEarlier' | 'current'>,
    ...replaced !== undefined && { previous: replaced },
    ...winner && { winner: toRevision(winner) },
    ...overwrote && { overwrote: toRevision(overwrote) },
    ...overwroteEarlier && { overwroteEarlier: overwroteEarlier.map(toRevision) },
    ...current && { current: toRevision(current) },
  }
}

function toRevision({ serverVersion, op, payload, stamp }: RecordRow): WireRevision {
  return { serverVersion, op, ...payload !== null && { payload }, stamp }
}
