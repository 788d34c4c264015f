import { Client, op } from './client.ts'
import type { HostilePlace } from './hostile-case.ts'

const INTERVAL_MS = 100

/** F46: another server on the same file commits ten times a second, to another workspace. */
export async function pushElsewhere({ another, signal }: HostilePlace): Promise<void> {
  const client = new Client((await another()).port, 'elsewhere.bob')
  for (let count = 0; !signal.aborted; count++) {
    await client.push([op({ pk: `row-${count}`, payload: { id: `row-${count}`, text: '', sentAt: 0 } })])
    await new Promise(resolve => setTimeout(resolve, INTERVAL_MS))
  }
  client.close()
}
