import PouchDB from 'pouchdb'
import type { Row } from '../../page/rows'
import { LocalSubject } from './local-subject'

/** PouchDB on IndexedDB. */
class PouchSubject extends LocalSubject {
  #db!: PouchDB<Row>

  async openDatabase(name: string): Promise<void> {
    this.#db = new PouchDB<Row>(name)
    await this.#db.info()
  }

  put(row: Row): Promise<unknown> {
    return this.#db.put({ ...row, _id: row.id })
  }

  bulkPut(rows: Row[]): Promise<unknown> {
    return this.#db.bulkDocs(rows.map(row => ({ ...row, _id: row.id })))
  }

  async count(): Promise<number> {
    return (await this.#db.info()).doc_count
  }
}

Object.assign(window, { subject: new PouchSubject() })
