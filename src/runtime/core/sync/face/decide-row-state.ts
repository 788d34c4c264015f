import { SyncError } from '../../../shared/sync/protocol/errors'
import { compareRevisions } from '../../../shared/sync/protocol/revision'
import type { WireErrorCode } from '../../../shared/sync/protocol/types'
import type { OutboxEntry } from '../queue/outbox-view'
import type { RecordFacts } from './record-watch'
import type { RowState } from './row-state'

/** Decides the state of a record of one of the app's tables. `isPrivate`: its row stays on this device. */
export function decideRowState({ edits, row, tombstone, isSending }: RecordFacts, isPrivate: boolean): RowState {
  const refused = edits.find(({ record }) => record.status === 'failed')
  if (refused) return { name: 'failed', error: refusalOf(refused.record.failure) }
  // Only the newest edit is sent, so it alone decides whether the record is held.
  const newest = newestOf(edits)
  if (newest) return { name: newest.record.status === 'held' ? 'held' : isSending ? 'sending' : 'pending', error: null }
  if (row) return { name: isPrivate ? 'local' : 'synced', error: null }
  return { name: tombstone?.syncedAt !== undefined && !tombstone.isGivenUp ? 'synced' : 'absent', error: null }
}

/** The edit with the highest revision, which is the one that is sent. It need not be the last: a restored store is sent old revisions again. */
export function newestOf(edits: readonly OutboxEntry[]): OutboxEntry | undefined {
  return edits.length ? edits.reduce((a, b) => compareRevisions(a, b) >= 0 ? a : b) : undefined
}

/** The refusal of an edit in the dead letter. Sending the same edit again would not help. */
export function refusalOf(failure: { code: WireErrorCode, message: string } | undefined): SyncError {
  return new SyncError(failure?.code ?? 'UNKNOWN', failure?.message ?? 'the store has refused this edit', { retryable: false })
}

export function isSameState(a: RowState, b: RowState): boolean {
  return a.name === b.name && a.error?.code === b.error?.code && a.error?.message === b.error?.message
}
