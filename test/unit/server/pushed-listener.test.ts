import { afterEach, describe, expect, it } from 'vitest'
import { memoryBackend } from '../../../server/lib/backends/memory'
import { wireOp } from './support/make-op'
import { startTestGateway } from './support/test-gateway'
import type { TestGateway } from './support/test-gateway'

let server: TestGateway
let goOn: () => void = () => {}
afterEach(async () => {
  goOn()
  await server.stop()
})

const listener = () => {
  const held = new Promise<void>((resolve) => { goOn = resolve })
  return () => held
}

describe('F62: a listener of or3-sync:pushed that does not settle', () => {
  it('keeps no answer from the device', async () => {
    server = await startTestGateway({ onPushed: listener() })
    expect((await server.push([wireOp()])).results).toMatchObject([{ success: true, applied: true }])
  })

  it('is waited for by a server that stops, before it closes the store', async () => {
    const order: string[] = []
    const listen = listener()
    const backend = Object.assign(memoryBackend(), { close: async () => { order.push('store closed') } })
    server = await startTestGateway({ backend, onPushed: async () => { await listen(); order.push('listener done') } })
    await server.push([wireOp()])
    const closed = server.gateway.close()
    await new Promise(resolve => setImmediate(resolve))
    goOn()
    await closed
    expect(order.slice(0, 2)).toEqual(['listener done', 'store closed'])
  })
})
