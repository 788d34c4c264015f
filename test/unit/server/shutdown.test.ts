import { afterEach, describe, expect, it } from 'vitest'
import type { BackendPushOutcome } from '../../../server/lib/backends/backend'
import { memoryBackend } from '../../../server/lib/backends/memory'
import { wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { startTestGateway } from './support/test-gateway'
import type { ErrorReply, TestGateway } from './support/test-gateway'

let server: TestGateway
afterEach(() => server.stop())

describe('a server that stops', () => {
  it('ends its streams, takes no new ones, finishes the batch under way, and only then closes the store', async () => {
    const order: string[] = []
    const backend = memoryBackend()
    const push = backend.push.bind(backend)
    let goOn: () => void = () => {}
    const held = new Promise<void>((resolve) => { goOn = resolve })
    server = await startTestGateway({
      backend: Object.assign(backend, {
        push: async (request: Parameters<typeof push>[0]): Promise<BackendPushOutcome> => {
          order.push('push begins')
          await held
          const outcome = await push(request)
          order.push('push done')
          return outcome
        },
        close: async () => { order.push('store closed') },
      }),
    })
    const stream = await openStream(server, 'workspaceId=w1')
    await stream.next()
    const reply = server.push([wireOp()])
    await expect.poll(() => order).toEqual(['push begins'])

    const closed = server.gateway.close()
    expect(await stream.next()).toBeNull()
    const refused = await server.get<ErrorReply>('/subscribe?workspaceId=w1')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(order).toEqual(['push begins'])

    goOn()
    expect((await reply).results[0]).toMatchObject({ success: true, applied: true })
    await closed
    expect(order.slice(0, 3)).toEqual(['push begins', 'push done', 'store closed'])
  })
})
