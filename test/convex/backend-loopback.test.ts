import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { convexBackend, createSyncGateway, type SyncBackend } from 'or3-sync/server'
import { describeSyncBackend } from 'or3-sync/testing'
import { acceptedOp, NOW } from '../../src/testing/contract/make-op'
import { passOn } from '../../src/testing/pass-on'
import { syncSchema } from './support/deployment/sync-schema'
import { ADMIN_KEY } from './loopback/http-functions'
import { type Loopback, startLoopback } from './loopback/start-loopback'
import { makeTokenKeys, type TokenKeys } from './token-keys'

const MEMBERS = [['w1', 'ada'], ['w2', 'ada'], ['nobody wrote here', 'ada'], ['w1', 'bob']].map(([workspace_id, user_id]) => ({ workspace_id: workspace_id!, user_id: user_id!, role: 'owner' }))

let loopback: Loopback
let keys: TokenKeys

beforeAll(async () => {
  keys = await makeTokenKeys()
  loopback = await startLoopback({ providers: [keys.provider], functions: 'suite' })
})
afterAll(() => loopback.stop())

const connect = (adminKey?: string) => convexBackend({
  url: loopback.url, adminKey,
  mintToken: async userId => ({ token: await keys.sign(userId), expiresAt: Date.now() + 600_000 }),
})

/** With the unmodified clients; the functions are given the time that a test gives with its request. Who reads is Ada unless said. */
async function open(): Promise<SyncBackend> {
  await loopback.setTime(null)
  await loopback.reset()
  await loopback.run('suite:addMembers', { members: MEMBERS })
  // Its first write gives a deployment its epoch; this one is in use.
  await loopback.run('sync:newEpoch', {})
  const backend = connect(ADMIN_KEY)
  const at = async <T>(now: number, call: () => Promise<T>) => {
    await loopback.setTime(now)
    return await call()
  }
  return {
    ...passOn(backend),
    push: request => at(request.now, () => backend.push(request)),
    write: request => at(request.now, () => backend.write(request)),
    pull: request => backend.pull({ userId: 'ada', ...request }),
    updateCursor: request => at(request.now, () => backend.updateCursor(request)),
    gc: request => at(request.now, () => backend.gc(request)),
  }
}

describeSyncBackend('convex, over the loopback', open)

it('writes once when the answer to a write is lost', async () => {
  const store = await open()
  await loopback.loseReply(1)
  const { rows } = await createSyncGateway({ schema: syncSchema, session: () => null, backend: store }).write('w1', [{ table: 'todos', put: { id: 'a', title: 'once' } }])
  expect(rows).toMatchObject([{ id: 'a', title: 'once', clock: 1 }])
  expect(await store.latestVersion('w1')).toBe(1)
  await store.close()
})

it('is read and written only with the deployment\'s key, and says so', async () => {
  const keyless = createSyncGateway({ schema: syncSchema, session: () => null, backend: connect() })
  const error = { code: 'SERVER_ERROR', retryable: false, message: expect.stringContaining('needs the deployment\'s key') as string }
  await expect(keyless.write('w1', [{ table: 'todos', delete: 'a' }])).rejects.toMatchObject(error)
  await expect(keyless.get('w1', 'todos', 'a')).rejects.toMatchObject(error)
  await expect(keyless.list('w1', 'todos')).rejects.toMatchObject(error)
  await keyless.close()
})

it('is exported and erased by the gateway of a server that has the deployment\'s key, and by no other', async () => {
  const store = await open()
  const gateway = createSyncGateway({ schema: syncSchema, session: () => null, backend: connect(ADMIN_KEY) })
  const keyless = createSyncGateway({ schema: syncSchema, session: () => null, backend: connect() })
  await store.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'a' }), acceptedOp({ pk: 'b', op: 'delete' })], now: NOW })
  const lines = (await text(gateway.exportWorkspace('w1'))).trim().split('\n')
  expect(lines.map(line => JSON.parse(line) as unknown)).toMatchObject([{ pk: 'a', serverVersion: 1, payload: { id: 'a' } }])
  await expect(text(keyless.exportWorkspace('w1'))).rejects.toThrow('needs the deployment\'s key')
  await expect(keyless.eraseWorkspace('w1')).rejects.toThrow('needs the deployment\'s key')
  expect(await gateway.eraseWorkspace('w1')).toEqual({ records: 2, devices: 0 })
  expect(await text(gateway.exportWorkspace('w1'))).toBe('')
  await Promise.all([gateway.close(), keyless.close(), store.close()])
})
