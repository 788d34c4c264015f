import type { Collection } from 'dexie'

/** Whether there is nothing in it, by one look: a count would walk over all of it. */
export async function isEmpty<T, K, I>(collection: Collection<T, K, I>): Promise<boolean> {
  return (await collection.limit(1).primaryKeys()).length === 0
}
