/** The internals of a fake-indexeddb database, as far as `SimDisk` reads them. */
export interface RawDatabase {
  name: string
  version: number
  rawObjectStores: Map<string, RawStore>
}

interface RawRecords {
  values: () => Iterable<{ key: unknown, value: unknown }>
  put: (record: { key: unknown, value: unknown }) => void
}

interface RawIndex {
  name: string
  keyPath: unknown
  multiEntry: boolean
  unique: boolean
  initialized: boolean
  records: RawRecords
}

export interface RawStore {
  name: string
  keyPath: unknown
  autoIncrement: boolean
  keyGenerator: { num: number } | null
  records: RawRecords
  rawIndexes: Map<string, RawIndex>
}

export interface RawFactory {
  _databases: Map<string, RawDatabase>
}

type Made<Instance> = new (...args: unknown[]) => Instance

/** Makes another instance of the same class. fake-indexeddb does not export its classes. */
function another<Instance extends object>(instance: Instance, ...args: unknown[]): Instance {
  return new (instance.constructor as Made<Instance>)(...args)
}

/** A copy that shares nothing with the original. Only meaningful while no transaction is under way. */
export function copyRawDatabase(from: RawDatabase): RawDatabase {
  const database = another(from, from.name, from.version)
  for (const store of from.rawObjectStores.values()) {
    const copy = another(store, database, store.name, store.keyPath, store.autoIncrement)
    if (copy.keyGenerator) copy.keyGenerator.num = store.keyGenerator!.num
    for (const record of store.records.values()) copy.records.put(structuredClone(record))
    for (const index of store.rawIndexes.values()) {
      const sameIndex = another(index, copy, index.name, index.keyPath, index.multiEntry, index.unique)
      sameIndex.initialized = true
      for (const record of index.records.values()) sameIndex.records.put(structuredClone(record))
      copy.rawIndexes.set(index.name, sameIndex)
    }
    database.rawObjectStores.set(store.name, copy)
  }
  return database
}
