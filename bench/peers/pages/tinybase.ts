import { createStore } from 'tinybase'
import { createIndexedDbPersister } from 'tinybase/persisters/persister-indexed-db'
import type { Row } from '../../page/rows'
import { LocalSubject } from './local-subject'

const TABLE = 'items'

/** TinyBase with its persister for IndexedDB. A write counts when it is saved; each save writes the whole table. */
class TinyBaseSubject extends LocalSubject {
  readonly #store = createStore()
  #persister!: ReturnType<typeof createIndexedDbPersister>

  async openDatabase(name: string): Promise<void> {
    this.#persister = createIndexedDbPersister(this.#store, name)
    await this.#persister.save()
  }

  async put(row: Row): Promise<void> {
    this.#store.setRow(TABLE, row.id, row)
    await this.#persister.save()
  }

  async bulkPut(rows: Row[]): Promise<void> {
    this.#store.transaction(() => {
      for (const row of rows) this.#store.setRow(TABLE, row.id, row)
    })
    await this.#persister.save()
  }

  async count(): Promise<number> {
    return this.#store.getRowCount(TABLE)
  }
}

Object.assign(window, { subject: new TinyBaseSubject() })
