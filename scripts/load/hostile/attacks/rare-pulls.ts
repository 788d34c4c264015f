import { inLanes } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client, op } from '../client.ts'

/** F41: pulls of a table with no row or one, in a workspace with a million rows of other tables. Twenty at a time. */
export function rarePulls(rows: 0 | 1): Attack {
  return {
    async prepare(port) {
      const client = new Client(port, 'million.mallory')
      await client.push(Array.from({ length: rows }, () => op({ pk: 'note', tableName: 'notes', payload: { id: 'note', text: '', sentAt: 0 } })))
      client.close()
    },
    async run(port, signal) {
      const client = new Client(port, 'million.mallory')
      await inLanes(20, signal, () => client.pull({ tables: ['notes'] }))
    },
  }
}
