import { inLanes } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client, op } from '../client.ts'

const TEXT = 'x'.repeat(700)

/** Pushes of the largest size, of which every op is applied: a thousand rows each, four at a time. */
export const largeBatches: Attack = {
  async run(port, signal) {
    const client = new Client(port, 'batches.mallory')
    let count = 0
    await inLanes(4, signal, () => client.push(Array.from({ length: 1_000 }, () => `row-${count++}`).map(pk => op({ pk, payload: { id: pk, text: TEXT, sentAt: 0 } }))))
  },
}
