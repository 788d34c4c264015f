import { inLanes } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client, op } from '../client.ts'

const ROWS = 60
const TEXT = 'x'.repeat(130_000)

/** F42: one batch that replaced as much as the server accepts (up to 8 MB), sent again and again, twenty at a time. */
export const repeatedBatch: Attack = {
  async prepare(port) {
    const client = new Client(port, 'repeated.mallory')
    for (let index = 0; index < ROWS; index += 6) {
      await client.push(Array.from({ length: 6 }, (_, offset) => `row-${index + offset}`).map(pk => op({ pk, payload: { id: pk, text: TEXT, sentAt: 0 } })))
    }
    client.close()
  },
  async run(port, signal) {
    const client = new Client(port, 'repeated.mallory')
    let deletes = Array.from({ length: ROWS }, (_, index) => op({ pk: `row-${index}`, node: 'repeater', deviceId: 'repeater', clock: 2 }))
    // Halve a batch that is too large, as a device does.
    while ((await client.push(deletes)).status === 413) deletes = deletes.slice(0, deletes.length / 2)
    await inLanes(20, signal, () => client.push(deletes))
  },
}
