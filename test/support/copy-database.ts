import Dexie from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'

/** A copy of one database in a browser of its own, as of a profile folder that was copied: device id, cursor and outbox included. */
export async function copyDatabase(from: IDBFactory, name: string): Promise<IDBFactory> {
  const to = new IDBFactory()
  const original = await new Dexie(name, { indexedDB: from, IDBKeyRange }).open()
  const copy = new Dexie(name, { indexedDB: to, IDBKeyRange })
  copy.version(original.verno).stores(Object.fromEntries(original.tables.map(({ name, schema }) => [
    name, [schema.primKey.src, ...schema.indexes.map(({ src }) => src)].join(', '),
  ])))
  for (const table of original.tables) await copy.table(table.name).bulkPut(await table.toArray())
  original.close()
  copy.close()
  return to
}
