import { SyncError } from '../../../shared/sync/protocol/errors'
import type { SyncChange } from '../../../shared/sync/protocol/types'

/**
 * Checks that every change names a record. A change that does not could not even be kept in quarantine.
 *
 * @throws SyncError `SERVER_ERROR`
 */
export function checkChanges(changes: readonly unknown[]): void {
  const index = changes.findIndex((change) => {
    const { tableName, pk, op, stamp } = (change ?? {}) as Partial<SyncChange>
    return typeof tableName !== 'string' || typeof pk !== 'string' || (op !== 'put' && op !== 'delete') || typeof stamp !== 'object' || stamp === null
  })
  if (index >= 0) throw new SyncError('SERVER_ERROR', `the provider's change ${index} must be { tableName, pk, op: 'put' or 'delete', payload?, stamp }`)
}
