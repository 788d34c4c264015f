import { untilAborted } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client } from '../client.ts'

const CONNECTIONS = 2_000
const BYTES = 1024 * 1024

/** F40: two thousand requests whose body lacks the last byte for ever. The user is in no workspace, or in another one. */
export function heldBodies(user: string): Attack {
  return {
    async run(port, signal) {
      const client = new Client(port, user)
      const request = Buffer.from(`${client.head('POST', '/api/sync/push', BYTES)}{"scope":{"workspaceId":"quiet"},"ops":[],"padding":"${'x'.repeat(BYTES - 100)}`)
      for (let index = 0; index < CONNECTIONS && !signal.aborted; index++) {
        client.open('').write(request)
        if (index % 5 === 0) await new Promise(resolve => setTimeout(resolve, 10))
      }
      await untilAborted(signal)
    },
  }
}
