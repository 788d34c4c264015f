import type { SyncError } from '../../../shared/sync/protocol/errors'

/**
 * How far a record is on its way to the store. The first that fits:
 *
 * - `failed`: the store has refused an edit of it, which is in the dead letter.
 * - `held`: its table's `capture` keeps its newest edit back.
 * - `sending`: its edit is in a push under way.
 * - `pending`: its edit waits to be sent. Deletes wait, too.
 * - `local`: the row stays on this device: it is excluded, its table is not one of the app's, or nothing is synced at all.
 * - `synced`: the store has the row as it is here, or had it: a delete that the store has acknowledged.
 * - `absent`: there is no such row, and nothing is known of one.
 */
export type RowStateName = 'failed' | 'held' | 'sending' | 'pending' | 'local' | 'synced' | 'absent'

export interface RowState {
  name: RowStateName
  /** Why the store has refused the edit. Null unless `name` is `failed`. */
  error: SyncError | null
}

export const ABSENT: RowState = { name: 'absent', error: null }
export const LOCAL: RowState = { name: 'local', error: null }
