import { Replicache, type WriteTransaction } from 'replicache'
import type { Row } from '../../page/rows'
import { LocalSubject } from './local-subject'

const mutators = {
  put: async (tx: WriteTransaction, row: Row) => await tx.set(row.id, row),
  bulkPut: async (tx: WriteTransaction, rows: Row[]) => {
    for (const row of rows) await tx.set(row.id, row)
  },
}

/** Replicache, without a server. A write resolves when it is in memory; it is stored when the browser is idle. */
class ReplicacheSubject extends LocalSubject {
  #db!: Replicache<typeof mutators>

  async openDatabase(name: string): Promise<void> {
    this.#db = new Replicache({ name, mutators })
    await this.count()
  }

  put(row: Row): Promise<unknown> {
    return this.#db.mutate.put(row)
  }

  bulkPut(rows: Row[]): Promise<unknown> {
    return this.#db.mutate.bulkPut(rows)
  }

  async count(): Promise<number> {
    return await this.#db.query(async tx => (await tx.scan().keys().toArray()).length)
  }
}

Object.assign(window, { subject: new ReplicacheSubject() })
