import { forceCloseDatabase, IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { copyRawDatabase, type RawFactory } from './raw-database'

export { IDBKeyRange }

/** The IndexedDB of one browser. It outlives its tabs; what a dying tab had not committed is rolled back. */
export class SimDisk {
  readonly #factory = new IDBFactory()
  /** Errors for the next read-write transactions, as a full disk gives them. */
  quotaErrors = 0
  /** Values that the store throws at in the middle of a call, as at one above the browser's limit. */
  isTooLarge: (value: unknown) => boolean = () => false
  /** Rises with everything that may have changed what is stored. */
  changes = 0

  /** A tab's way to it. After `cut`, nothing more reaches the disk from that tab; `lose` closes its connections as a browser does by itself. */
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
        transaction.addEventListener('complete', forget)
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

  /** Deletes a database, whoever has it open: every connection is told to close. Calls back once it is gone. */
  wipe(name: string, onGone: () => void): void {
    this.#factory.deleteDatabase(name).addEventListener('success', () => {
      this.changes++
      onGone()
    })
  }

  /** Takes over a database of another disk, as of a profile folder that was copied. Only meaningful while no transaction is under way there. */
  copyFrom(other: SimDisk, name: string): void {
    const from = (other.#factory as unknown as RawFactory)._databases.get(name)
    if (from) (this.#factory as unknown as RawFactory)._databases.set(name, copyRawDatabase(from))
  }

  /** What is stored now, read without a transaction. Only meaningful while none is under way; not to be changed. */
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
