import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTokenIssuer, generateTokenKeys, memoryBackend, type GatewaySession } from 'or3-sync/server'
import { describeAccess, type AccessFixture, type Action, type Caller, type Verdict } from '../../support/describe-access'
import { acceptedOp, NOW, wireOp } from './support/make-op'
import { startTestGateway, type ErrorReply, type TestGateway } from './support/test-gateway'

/** The gateway believes what the caller says of itself: that is not what is tested here. */
const sessionOf = (header: unknown): GatewaySession | null => {
  if (typeof header !== 'string' || !header) return null
  const { userId, roles } = JSON.parse(header) as Caller
  return { userId, workspaces: Object.entries(roles).map(([id, role]) => ({ id, role })) }
}

async function openGateway(): Promise<AccessFixture> {
  const backend = memoryBackend()
  const server = await startTestGateway({ backend, session: event => sessionOf(event.node.req.headers['x-caller']) })
  let records = 0
  const calls: Record<Action, (workspaceId: string) => { path: string, body?: unknown }> = {
    push: workspaceId => ({ path: '/push', body: { scope: { workspaceId }, ops: [wireOp({ pk: `record-${++records}` })] } }),
    pull: workspaceId => ({ path: '/pull', body: { scope: { workspaceId }, cursor: 0, limit: 1 } }),
    watch: workspaceId => ({ path: `/subscribe?workspaceId=${workspaceId}` }),
    updateCursor: workspaceId => ({ path: '/cursor', body: { scope: { workspaceId }, deviceId: 'device-1', version: 0 } }),
  }
  return {
    async attempt(action, workspaceId, caller) {
      const { path, body } = calls[action](workspaceId)
      const response = await fetch(`${server.origin}/api/sync${path}`, {
        ...body !== undefined && { method: 'POST', body: JSON.stringify(body) },
        headers: { 'content-type': 'application/json', 'x-caller': caller ? JSON.stringify(caller) : '' },
      })
      if (response.ok) { await response.body?.cancel(); return 'allowed' }
      return verdictOf(response.status, await response.json() as ErrorReply)
    },
    count: async workspaceId => (await backend.pull({ workspaceId, cursor: 0, limit: 2_000, order: 'asc', bootstrap: true, maxBytes: 1e9 })).rows.length,
    close: () => server.stop(),
  }
}

function verdictOf(status: number, { data }: ErrorReply): Verdict {
  const verdict = ({ '401 UNAUTHORIZED': 'nobody', '403 UNAUTHORIZED': 'outsider', '403 READ_ONLY': 'read-only' } as const)[`${status} ${data.code}` as '401 UNAUTHORIZED']
  if (!verdict) throw new Error(`the gateway answered ${status} ${data.code}`)
  return verdict
}

describeAccess('the gateway', openGateway)

describe('routes that speak of no workspace', () => {
  let server: TestGateway
  beforeAll(async () => {
    const backend = memoryBackend()
    await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp()], now: NOW })
    server = await startTestGateway({ backend, tokens: await createTokenIssuer({ key: (await generateTokenKeys()).privateKey }) })
  })
  afterAll(() => server.stop())

  it.each([
    ['/session', 200, 200], ['/health', 200, 200], ['/.well-known/jwks.json', 200, 200], ['/token', 200, 401],
  ])('%s answers a user with %i and nobody with %i, and tells nothing of data', async (path, signedIn, nobody) => {
    const replies = [await server.get(path, 'ada'), await server.get(path, '')]
    expect(replies.map(({ status }) => status)).toEqual([signedIn, nobody])
    expect(JSON.stringify(replies.map(({ body }) => body))).not.toMatch(/todos|title/)
  })
})
