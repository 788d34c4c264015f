import { untilAborted } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client } from '../client.ts'

const CONNECTIONS = 100
const PULLS = 10

/** A variant of F36: a thousand pulls whose replies nobody reads, ten in a row on each connection. */
export const unreadReplies: Attack = {
  async run(port, signal) {
    const client = new Client(port, 'big.mallory')
    const body = JSON.stringify({ scope: { workspaceId: 'big' }, cursor: 0, limit: 2_000 })
    const pull = client.head('POST', '/api/sync/pull', body.length) + body
    for (let index = 0; index < CONNECTIONS && !signal.aborted; index++) {
      client.open(pull.repeat(PULLS))
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    await untilAborted(signal)
  },
}
