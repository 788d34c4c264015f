import type { EngineDatabase } from '../records/engine-database'

/**
 * The id of the last outbox record that waits to be sent; 0: none does. Noted when a walk ends: a walk leaves tombstones out, so the store may have
 * deleted the records of these edits, and this device does not hear of it before the edits are answered.
 */
export async function lastWaiting({ pending_ops }: EngineDatabase): Promise<number> {
  const [last = 0] = await pending_ops.where('status').equals('pending').reverse().limit(1).primaryKeys()
  return last
}

/** Whether none of the edits in outbox records up to this id waits any more. Edits of tables that this app lacks do not count, nor do those that wait aside. */
export async function areAnswered({ pending_ops }: EngineDatabase, until: number, knows: (tableName: string) => boolean): Promise<boolean> {
  const left = await pending_ops.where('status').equals('pending').filter(({ id, tableName, ops }) => id! <= until && knows(tableName) && ops.some(({ aside }) => !aside)).first()
  return left === undefined
}
