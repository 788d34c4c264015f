import { untilAborted } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client } from '../client.ts'

/** F36: a viewer opens a thousand streams and reads none. */
export const unreadStreams: Attack = {
  async run(port, signal) {
    const client = new Client(port, 'big.mallory')
    for (let index = 0; index < 1_000 && !signal.aborted; index++) {
      client.open(client.head('GET', '/api/sync/subscribe?workspaceId=big&cursor=0'))
      if (index % 5 === 0) await new Promise(resolve => setTimeout(resolve, 10))
    }
    await untilAborted(signal)
  },
}
