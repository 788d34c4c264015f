import { inLanes } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client, op } from '../client.ts'

const ROWS = 200
const TEXT = 'x'.repeat(250_000)

/** Small edits that replace two hundred rows of 250 kB each. The replaced rows are too large for one reply. Four pushes at a time. */
export const replacedRows: Attack = {
  async prepare(port) {
    const client = new Client(port, 'replaced.mallory')
    for (let index = 0; index < ROWS; index += 4) {
      await client.push(Array.from({ length: 4 }, (_, offset) => `row-${index + offset}`).map(pk => op({ pk, payload: { id: pk, text: TEXT, sentAt: 0 } })))
    }
    client.close()
  },
  async run(port, signal) {
    const client = new Client(port, 'replaced.mallory')
    await inLanes(4, signal, () => client.push(Array.from({ length: ROWS }, (_, index) => op({ pk: `row-${index}`, node: 'replacer', clock: 2, payload: { id: `row-${index}`, text: '', sentAt: 0 } }))))
  },
}
