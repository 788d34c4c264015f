import { isVersion } from '../../../shared/sync/protocol/is-version'
import type { EngineContext } from '../context/engine-context'
import { NOWHERE } from '../progress/cursor-manager'
import { confirm, noteUnconfirmed } from '../progress/unconfirmed-edits'
import { markPushed } from '../progress/walk-marks'
import type { BootstrapState, CursorState, PushedState } from '../records/engine-records'
import { WalkedSinceError } from './batch-transaction'
import type { AnsweredOp, SentBatch } from './settle-push'

/**
 * Notes the lowest version in push replies while a walk is under way or still to come. The walk leaves tombstones out, so it would not show that
 * such a record was deleted later. After the walk, the feed is read from below this version.
 *
 * `isWalkedSince`: see `SentBatch`. A tab waits for its own pushes before it ends a walk, so only those of other tabs matter.
 *
 * @throws WalkedSinceError when another tab has ended a walk since the request was sent, and the feed went on above one of these versions.
 */
export async function notePushed({ db, env }: EngineContext, answered: readonly AnsweredOp[], isWalkedSince: SentBatch['isWalkedSince']): Promise<void> {
  const [cursor, walk, pushed] = await db.sync_state.bulkGet(['cursor', 'bootstrap', 'pushed']) as [CursorState?, BootstrapState?, PushedState?]
  const { walks = 0, walkedTo = 0 } = cursor ?? NOWHERE
  const lowest = lowestVersion(answered)
  if (lowest <= walkedTo && isWalkedSince?.(walks)) throw new WalkedSinceError(walks)
  if (walk && walk.sweep !== 'none') await markPushed(db, env, answered.map(({ op }) => op))
  if (cursor?.firstSyncDone && !walk) return
  const from = Math.min(lowest, pushed?.from ?? Infinity)
  if (from !== (pushed?.from ?? Infinity)) await db.sync_state.put({ id: 'pushed', from })
}

/** A winner in a reply counts as well: the walk may have passed its place, and a later delete of it would be left out. Infinity: no op was taken. */
function lowestVersion(answered: readonly AnsweredOp[]): number {
  return answered.reduce((lowest, { result: { success, serverVersion } }) => success ? Math.min(lowest, isVersion(serverVersion) ? serverVersion : 1) : lowest, Infinity)
}

/** Notes edits that the provider acknowledged without saying whether the store applied them. Another device's revision may have won over them. */
export async function noteConfirmation({ db, storeTime }: EngineContext, acknowledged: readonly AnsweredOp[]): Promise<void> {
  const open = acknowledged.filter(({ result }) => result.applied !== true && !result.winner)
  const cursor = await db.sync_state.get('cursor') as CursorState | undefined
  if (cursor?.hasUnconfirmed) {
    for (const { op, result } of acknowledged) if (result.applied === true) await confirm(db, op.tableName, [op.pk])
  }
  if (!open.length) return
  const acknowledgedAt = storeTime()
  await noteUnconfirmed(db, open.map(({ op: { tableName, pk, operation, stamp: { clock, hlc, opId }, base, unheard } }) => ({
    tableName, pk, op: operation, clock, hlc, opId, ...(base === undefined ? {} : { base }), ...(unheard ? { unheard } : {}), acknowledgedAt,
  })))
  await db.sync_state.put({ ...cursor ?? NOWHERE, hasUnconfirmed: true })
}

/** Marks tombstones of acknowledged deletes, so that GC may clear them. A tombstone with another op id is of a later delete, which the store lacks. */
export async function markTombstonesSynced(context: EngineContext, acknowledged: readonly AnsweredOp[]): Promise<void> {
  const deletes = acknowledged.filter(({ op }) => op.operation === 'delete')
  if (!deletes.length) return
  const { tombstones } = context.db
  const syncedAt = context.storeTime()
  const stored = await tombstones.bulkGet(deletes.map(({ op }): [string, string] => [op.tableName, op.pk]))
  const synced = deletes.flatMap(({ op }, index) => {
    const tombstone = stored[index]
    return tombstone?.op_id === op.stamp.opId ? [{ ...tombstone, syncedAt }] : []
  })
  if (synced.length) await tombstones.bulkPut(synced)
}
