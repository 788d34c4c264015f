import { untilAborted } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client } from '../client.ts'

const STREAMS = 900

/** F46: nine hundred users, each with a stream in a workspace of their own, in which nothing happens. */
export const quietStreams: Attack = {
  async prepare(port) {
    for (let index = 0; index < STREAMS; index++) {
      const client = new Client(port, `quiet-${index}.reader`)
      client.open(client.head('GET', `/api/sync/subscribe?workspaceId=${client.workspace}&cursor=0`)).resume()
      if (index % 5 === 0) await new Promise(resolve => setTimeout(resolve, 10))
    }
  },
  run: async (_, signal) => await untilAborted(signal),
}
