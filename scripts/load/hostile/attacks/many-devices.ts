import { inLanes } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client, op } from '../client.ts'

/** F45: cursor reports, and pushes that apply nothing, each from a new device. */
export const manyDevices: Attack = {
  async prepare(port) {
    const client = new Client(port, 'devices.mallory')
    await client.push([op({ pk: 'row', clock: 1_000, payload: { id: 'row', text: '', sentAt: 0 } })])
    client.close()
  },
  async run(port, signal) {
    const client = new Client(port, 'devices.mallory')
    let count = 0
    await inLanes(20, signal, async (lane) => {
      const name = `device${String(count++).padStart(8, '0')}`
      if (lane % 4 === 0) await client.post('/cursor', { scope: { workspaceId: 'devices' }, deviceId: name, version: 1 })
      else await client.push([op({ pk: 'row', deviceId: name, node: name, payload: { id: 'row', text: '', sentAt: 0 } })])
    })
  },
}
