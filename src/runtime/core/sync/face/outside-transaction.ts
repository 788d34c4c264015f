import Dexie from 'dexie'
import { SyncError } from '../../../shared/sync/protocol/errors'

/**
 * Refuses a call that is made inside a Dexie transaction. What it waits for needs the tables that the transaction has locked, so awaiting it there
 * would never end.
 *
 * @throws SyncError `VALIDATION_ERROR`
 */
export function refuseInTransaction(name: string): void {
  if (Dexie.currentTransaction) throw new SyncError('VALIDATION_ERROR', `${name}() was called inside a Dexie transaction, which it would wait for without end: call it after the transaction`)
}
