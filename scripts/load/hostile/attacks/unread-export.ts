import { untilAborted } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client } from '../client.ts'

/** F38: four of the operator's exports at a time, of which the reader reads nothing. */
export const unreadExport: Attack = {
  async run(port, signal) {
    const client = new Client(port, 'big.operator')
    for (let index = 0; index < 4; index++) client.open(client.head('GET', '/export/big'))
    await untilAborted(signal)
  },
}
