/** How often the page has used IndexedDB. */
export interface IdbCounts {
  /** Transactions. */
  readonly: number
  readwrite: number
  /** `get`, `getAll`, `getKey`, `getAllKeys` and `count` of stores and indexes. */
  reads: number
  cursors: number
  /** `add` and `put`. */
  puts: number
  deletes: number
}

/** Runs in the page before anything else does: counts the calls to IndexedDB in `window.idbCounts`. */
export function countIdb(): void {
  const counts: IdbCounts = { readonly: 0, readwrite: 0, reads: 0, cursors: 0, puts: 0, deletes: 0 }
  Object.assign(window, { idbCounts: counts })
  const count = (prototype: object, method: string, add: (args: unknown[]) => void) => {
    const methods = prototype as Record<string, (...args: unknown[]) => unknown>
    const original = methods[method]
    if (!original) return
    // The name stands in CPU profiles, for the time that the browser needs for the call.
    methods[method] = function indexedDbCall(...args) {
      add(args)
      return original.apply(this, args)
    }
  }
  count(IDBDatabase.prototype, 'transaction', ([, mode]) => { counts[mode === 'readwrite' ? 'readwrite' : 'readonly']++ })
  for (const prototype of [IDBObjectStore.prototype, IDBIndex.prototype]) {
    for (const method of ['get', 'getAll', 'getKey', 'getAllKeys', 'getAllRecords', 'count']) count(prototype, method, () => { counts.reads++ })
    for (const method of ['openCursor', 'openKeyCursor']) count(prototype, method, () => { counts.cursors++ })
  }
  for (const method of ['add', 'put']) count(IDBObjectStore.prototype, method, () => { counts.puts++ })
  for (const method of ['delete', 'clear']) count(IDBObjectStore.prototype, method, () => { counts.deletes++ })
}
