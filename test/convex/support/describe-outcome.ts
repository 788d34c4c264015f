import type { FoldedResult, RecordRow, SyncBackend } from 'or3-sync/server'
import type { HistoryStep } from './random-history'

/** Runs one step on a store and says what it answered, in the same words whatever the store is. Names of epochs are the store's own. */
export async function describeOutcome(backend: SyncBackend, step: HistoryStep): Promise<unknown> {
  switch (step.kind) {
    case 'push': {
      const outcome = await backend.push(step.request)
      return outcome.status === 'pushed' ? { ...outcome, results: outcome.results.map(describeResult) } : outcome
    }
    case 'pull': {
      const { rows, epoch: _epoch, ...page } = await backend.pull(step.request)
      return { ...page, rows: rows.map(describeRow) }
    }
    case 'cursor': return await backend.updateCursor(step.request)
    case 'gc': {
      const { tombstones, devices, purged } = await backend.gc(step.request)
      return { tombstones, devices, purged }
    }
    case 'erase': return await backend.erase(step.workspaceId)
    case 'newEpoch': {
      const before = (await backend.pull({ workspaceId: 'w1', userId: 'ada', cursor: 0, limit: 1, order: 'asc', bootstrap: true, maxBytes: 1 })).epoch
      const named = await backend.newEpoch()
      return named !== before
    }
  }
}

/** All rows of the workspace, deleted ones included, as a device would walk them. */
export async function describeRows(backend: SyncBackend): Promise<unknown> {
  const walk = { workspaceId: 'w1', userId: 'ada', cursor: 0, limit: 500, order: 'asc', maxBytes: 1_000_000 } as const
  const [all, living] = [await backend.pull({ ...walk, bootstrap: false }), await backend.pull({ ...walk, bootstrap: true })]
  return { all: all.rows.map(describeRow), requiresRescan: all.requiresRescan, living: living.rows.map(describeRow), version: await backend.latestVersion('w1') }
}

function describeResult({ winner, overwrote, overwroteEarlier, current, ...plain }: FoldedResult) {
  return {
    ...plain,
    winner: winner && describeRow(winner),
    overwrote: overwrote && describeRow(overwrote),
    overwroteEarlier: overwroteEarlier?.map(describeRow),
    current: current && describeRow(current),
  }
}

function describeRow({ tableName, pk, serverVersion, op, payload, stamp }: RecordRow) {
  return { tableName, pk, serverVersion, op, payload, stamp: { ...stamp } }
}
