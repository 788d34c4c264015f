import type { EngineDatabase } from '../records/engine-database'
import type { OutboxRecord } from '../records/engine-records'

/** The dead letter, oldest first. */
export async function failedRecords({ pending_ops }: Pick<EngineDatabase, 'pending_ops'>): Promise<OutboxRecord[]> {
  return await pending_ops.where('status').equals('failed').sortBy('id')
}
