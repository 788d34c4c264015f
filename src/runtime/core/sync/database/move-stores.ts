import { checkKey } from './refuse-other-keys'
import type { TableMove } from './table-names'

/** The key and the indexes of an object store. */
interface StoreShape {
  keyPath: string | string[] | null
  indexes: { name: string, keyPath: string | string[], unique: boolean, multiEntry: boolean }[]
}

/**
 * Renames object stores, with their rows, in a version change transaction. Before this runs, Dexie has made an empty object store for each declared
 * name that was missing, with the right indexes; the rows are still under the old names.
 *
 * @throws SyncSchemaError if a table has another primary key under its new name.
 */
export function moveStores(tx: IDBTransaction, moves: readonly TableMove[], declared: readonly string[]): void {
  const { db } = tx
  const shapes = new Map(declared.map(name => [name, shapeOf(tx.objectStore(name))]))
  // First all get a name that nobody uses: two tables may have swapped names.
  const moving = moves.filter(({ from }) => db.objectStoreNames.contains(from)).map(({ from, to }) => {
    const store = tx.objectStore(from)
    store.name = `moving:${to}`
    return { store, to }
  })
  for (const { store, to } of moving) {
    // An object store with this name is the empty one that Dexie has made: one with rows has got a `moving:` name above.
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
