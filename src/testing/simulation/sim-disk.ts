import { forceCloseDatabase, IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { copyRawDatabase, type RawFactory } from './raw-database'

export { IDBKeyRange }

/** The IndexedDB of one browser. It outlives the tabs. When a tab dies, its open transactions are rolled back. */
export class SimDisk {
  readonly #factory = new IDBFactory()
  /** How many of the next read-write transactions fail with a quota error, as on a full disk. */
  quotaErrors = 0
  /** Values for which an object store throws in the middle of a call, as browsers do for values above their limit. */
  isTooLarge: (value: unknown) => boolean = () => false
  /** Rises with everything that may have changed the stored data. */
  changes = 0
  /** Called after each transaction that may have changed the stored data, before the next one on the same tables begins. */
  onCommit: () => void = () => {}

  /** A tab's access to the disk. After `cut`, nothing from that tab reaches the disk. `lose` closes its connections, as a browser may do by itself. */
  connect(): { factory: IDBFactory, cut: () => void, lose: () => void } {
    const transactions = new Set<IDBTransaction>()
    let isCut = false
    const watch = (db: IDBDatabase) => {
      const begin = db.transaction.bind(db)
      db.transaction = ((names: string | string[], mode?: IDBTransactionMode, options?: IDBTransactionOptions) => {
        if (isCut) throw new DOMException('the tab is gone', 'InvalidStateError')
        const transaction = begin(names, mode, options)
        transactions.add(transaction)
        const forget = () => {
          transactions.delete(transaction)
          if (mode !== 'readonly') this.changes++
        }
        transaction.addEventListener('complete', () => {
          forget()
          if (mode !== 'readonly') this.onCommit()
        })
        transaction.addEventListener('abort', forget)
        if (mode === 'readwrite') this.#watchValues(transaction)
        if (mode === 'readwrite' && this.quotaErrors > 0) this.#fail(transaction)
        return transaction
      }) as typeof db.transaction
      connections.push(db)
    }
    const connections: IDBDatabase[] = []
    const factory = Object.create(this.#factory) as IDBFactory
    factory.open = (name: string, version?: number) => {
      const request = this.#factory.open(name, version)
      request.addEventListener('upgradeneeded', () => {
        const upgrade = request.transaction!
        if (isCut) return upgrade.abort()
        transactions.add(upgrade)
        upgrade.addEventListener('complete', () => transactions.delete(upgrade))
      })
      request.addEventListener('success', () => {
        this.changes++
        if (isCut) request.result.close()
        else watch(request.result)
      })
      return request
    }
    const abortAll = () => {
      for (const transaction of transactions) {
        try { transaction.abort() }
        catch { /* it has just finished: it counts */ }
      }
    }
    const cut = () => {
      isCut = true
      abortAll()
      for (const connection of connections) connection.close()
    }
    const lose = () => {
      abortAll()
      for (const connection of connections.splice(0)) forceCloseDatabase(connection as never)
    }
    return { factory, cut, lose }
  }

  /** Deletes a database. Connections that have it open are told to close. Calls back once it is deleted. */
  wipe(name: string, onGone: () => void): void {
    this.#factory.deleteDatabase(name).addEventListener('success', () => {
      this.changes++
      onGone()
    })
  }

  /** Copies a database from another disk, as if the profile folder were copied. Only meaningful while no transaction is open there. */
  copyFrom(other: SimDisk, name: string): void {
    const from = (other.#factory as unknown as RawFactory)._databases.get(name)
    if (from) (this.#factory as unknown as RawFactory)._databases.set(name, copyRawDatabase(from))
  }

  /** The stored values, read without a transaction. Only meaningful while no transaction is open. Do not change them. */
  read<T>(database: string, store: string): T[] {
    const records = (this.#factory as unknown as RawFactory)._databases.get(database)?.rawObjectStores.get(store)?.records
    return records ? Array.from(records.values(), ({ value }) => value as T) : []
  }

  #watchValues(transaction: IDBTransaction): void {
    const open = transaction.objectStore.bind(transaction)
    transaction.objectStore = (name) => {
      const store = open(name)
      for (const method of ['put', 'add'] as const) {
        const write = store[method].bind(store)
        store[method] = (value: unknown, key?: IDBValidKey) => {
          if (this.isTooLarge(value)) throw new DOMException('the value is too large', 'DataError')
          return write(value, key)
        }
      }
      return store
    }
  }

  #fail(transaction: IDBTransaction): void {
    this.quotaErrors--
    const abort = (transaction as unknown as { _abort: (name: string) => void })._abort
    setImmediate(() => {
      try { abort.call(transaction, 'QuotaExceededError') }
      catch { /* it has finished already */ }
    })
  }
}
