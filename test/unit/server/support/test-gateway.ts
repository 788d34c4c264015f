import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, toNodeListener } from 'h3'
import { z } from 'zod'
import type { PushResult, PullResponse } from '#or3-sync/shared/sync/protocol/types'
import { defineSyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { createSyncGateway } from '../../../../server/lib/create-sync-gateway'
import type { GatewayOptions } from '../../../../server/lib/context/gateway-options'
import { memoryBackend } from '../../../../server/lib/backends/memory'
import type { GatewaySession } from '../../../../server/lib/session/gateway-session'
import { NOW } from './make-op'

export const schema = defineSyncSchema({
  version: 3,
  tables: {
    todos: { schema: z.object({ id: z.string(), title: z.string() }).loose(), primaryKey: 'id', maxBytes: 2_000 },
    notes: { schema: z.object({ key: z.string(), text: z.string().max(100) }).loose(), primaryKey: 'key' },
  },
})

/** Ada owns w1 and views w2; Bob edits w1; Eve owns w2 alone. Who asks is named by the header `x-user`. */
export const PEOPLE: Record<string, GatewaySession> = {
  ada: { userId: 'ada', name: 'Ada', workspaces: [{ id: 'w1', name: 'One', role: 'owner' }, { id: 'w2', role: 'viewer' }] },
  bob: { userId: 'bob', workspaces: [{ id: 'w1', role: 'editor' }] },
  eve: { userId: 'eve', workspaces: [{ id: 'w2', role: 'owner' }] },
}

function personNamed(name: string): GatewaySession | null {
  return Object.hasOwn(PEOPLE, name) ? PEOPLE[name]! : null
}

export interface Reply<T> { status: number, body: T, headers: Headers }
export interface ErrorReply { statusCode: number, statusMessage: string, message: string, data: { code: string, message: string } }

/** A gateway behind a real HTTP server on 127.0.0.1, with its own log and a clock that stands still. */
export async function startTestGateway(options: Partial<GatewayOptions> = {}) {
  const log: string[] = []
  const gateway = createSyncGateway({
    schema,
    backend: options.backend ?? memoryBackend(),
    session: event => personNamed(String(event.node.req.headers['x-user'])),
    now: () => NOW,
    logger: { warn: message => log.push(message), error: (message, fields) => log.push(`${message} ${String(fields?.error)}`) },
    ...options,
  })
  const server = createServer(toNodeListener(createApp().use(gateway)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function request<T>(path: string, init: RequestInit & { user?: string } = {}): Promise<Reply<T>> {
    const headers = new Headers(init.headers)
    if (init.user) headers.set('x-user', init.user)
    const response = await fetch(`${origin}/api/sync${path}`, { ...init, headers })
    const text = await response.text()
    return { status: response.status, body: JSON.parse(text) as T, headers: response.headers }
  }
  const post = <T>(path: string, body: unknown, user: string | undefined = 'ada', headers: Record<string, string> = {}) => request<T>(path, {
    method: 'POST', user, headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body),
  })

  return {
    gateway, log, origin, request, post,
    get: <T>(path: string, user: string | undefined = 'ada', headers: Record<string, string> = {}) => request<T>(path, { user, headers }),
    push: async (ops: unknown[], user = 'ada', workspaceId = 'w1') => (await post<PushResult>('/push', { scope: { workspaceId }, ops }, user)).body,
    pull: async (fields: Record<string, unknown> = {}, user = 'ada', workspaceId = 'w1') =>
      (await post<PullResponse>('/pull', { scope: { workspaceId }, cursor: 0, limit: 100, ...fields }, user)).body,
    async stop() {
      await gateway.close()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export type TestGateway = Awaited<ReturnType<typeof startTestGateway>>
