import type { Collection } from 'dexie'

/** Whether a collection is empty. It reads one key; `count()` would walk over all of them. */
export async function isEmpty<T, K, I>(collection: Collection<T, K, I>): Promise<boolean> {
  return (await collection.limit(1).primaryKeys()).length === 0
}
