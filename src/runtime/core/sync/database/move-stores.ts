import { checkKey } from './refuse-other-keys'
import type { TableMove } from './table-names'

/** What a store has beside its rows. */
interface StoreShape {
  keyPath: string | string[] | null
  indexes: { name: string, keyPath: string | string[], unique: boolean, multiEntry: boolean }[]
}

/**
 * Gives object stores their new names, rows and all, in a version change transaction. Dexie has prepared it by names: each store that is
 * declared is there, with the indexes of its new table; the rows are still under the old names.
 *
 * @throws SyncSchemaError where a table has another key under its new name.
 */
export function moveStores(tx: IDBTransaction, moves: readonly TableMove[], declared: readonly string[]): void {
  const { db } = tx
  const shapes = new Map(declared.map(name => [name, shapeOf(tx.objectStore(name))]))
  // Out of each other's way first: they may change places.
  const moving = moves.filter(({ from }) => db.objectStoreNames.contains(from)).map(({ from, to }) => {
    const store = tx.objectStore(from)
    store.name = `moving:${to}`
    return { store, to }
  })
  for (const { store, to } of moving) {
    // Made a moment ago, and empty: a store with rows is one that moves away.
    if (db.objectStoreNames.contains(to)) db.deleteObjectStore(to)
    store.name = to
    const shape = shapes.get(to)
    if (shape) checkKey({ name: to, primaryKey: shape.keyPath }, store.keyPath)
    if (shape) setIndexes(store, shape)
  }
  for (const [name, shape] of shapes) {
    if (!db.objectStoreNames.contains(name)) setIndexes(db.createObjectStore(name, { keyPath: shape.keyPath }), shape)
  }
}

function shapeOf(store: IDBObjectStore): StoreShape {
  const indexes = [...store.indexNames].map((indexName) => {
    const { name, keyPath, unique, multiEntry } = store.index(indexName)
    return { name, keyPath, unique, multiEntry }
  })
  return { keyPath: store.keyPath, indexes }
}

function setIndexes(store: IDBObjectStore, { indexes }: StoreShape): void {
  for (const name of [...store.indexNames]) store.deleteIndex(name)
  for (const { name, keyPath, unique, multiEntry } of indexes) store.createIndex(name, keyPath, { unique, multiEntry })
}
