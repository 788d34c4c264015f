import { RETENTION_MS } from '../../../shared/sync/protocol/limits'
import type { TombstoneRecord } from '../records/engine-records'

/** Whether the store has had this delete for 30 days, by the store's time `now`. Then it is cleared here, and the store may have purged it, too. */
export function isOverdue({ deletedAt, syncedAt }: TombstoneRecord, now: number): boolean {
  return deletedAt < now - RETENTION_MS && syncedAt !== undefined && syncedAt < now - RETENTION_MS
}
