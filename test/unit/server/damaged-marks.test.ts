import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PullResponse } from '#or3-sync/shared/sync/protocol/types'
import { wireOp } from './support/make-op'
import { startTestGateway, type TestGateway } from './support/test-gateway'

let server: TestGateway
beforeEach(async () => { server = await startTestGateway() })
afterEach(() => server.stop())

const scope = { workspaceId: 'w1' }
const MARK = 'x-or3-sync-mark'
const pull = (mark: string) => server.post<PullResponse>('/pull', { scope, cursor: 0, limit: 10 }, 'ada', { [MARK]: mark })

describe('A1: marks that a proxy has damaged', () => {
  it.each([
    ['/push', { scope, ops: [wireOp({ pk: 'b', payload: { id: 'b', title: 'x' } })] }], ['/pull', { scope, cursor: 0, limit: 10 }],
  ])('do not refuse the request, and are not followed up by its answer: %s', async (path, body) => {
    await server.push([wireOp()])
    for (const mark of ['none', '1.a,', '', Array.from({ length: 9 }, (_, n) => `${n}.a`).join(',')]) {
      const answer = await server.post(path, body, 'ada', { [MARK]: mark })
      expect([answer.status, answer.headers.get(MARK)], mark).toEqual([200, null])
      expect(answer.body).not.toHaveProperty('restored')
    }
    expect((await server.post(path, body, 'ada')).headers.get(MARK)).toMatch(/^\d+\.\w+$/)
  })

  it('are read where they only came twice, or with spaces between', async () => {
    await server.push([wireOp()])
    const mark = (await server.post('/pull', { scope, cursor: 0, limit: 10 })).headers.get(MARK)!
    const answer = await pull(`${mark}, ${mark}`)
    expect([answer.body.restored, answer.headers.get(MARK)]).toEqual([undefined, mark])
    expect((await pull(`${mark}, 9.zz, ${mark}, 9.zz`)).body).toMatchObject({ requiresRescan: true, restored: true })
  })
})
