import { afterAll, beforeAll } from 'vitest'
import { convexBackend, type SyncBackend } from 'or3-sync/server'
import { describeSyncBackend } from 'or3-sync/testing'
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

/** With the unmodified clients; the functions are given the time that a test gives with its request. Who reads is Ada unless said. */
async function open(): Promise<SyncBackend> {
  await loopback.setTime(null)
  await loopback.reset()
  await loopback.run('suite:addMembers', { members: MEMBERS })
  // Its first write gives a deployment its epoch; this one is in use.
  await loopback.run('sync:newEpoch', {})
  const backend = convexBackend({
    url: loopback.url, adminKey: ADMIN_KEY,
    mintToken: async userId => ({ token: await keys.sign(userId), expiresAt: Date.now() + 600_000 }),
  })
  const at = async <T>(now: number, call: () => Promise<T>) => {
    await loopback.setTime(now)
    return await call()
  }
  return {
    id: backend.id,
    maxOps: backend.maxOps,
    push: request => at(request.now, () => backend.push(request)),
    pull: request => backend.pull({ userId: 'ada', ...request }),
    updateCursor: request => at(request.now, () => backend.updateCursor(request)),
    latestVersion: workspaceId => backend.latestVersion(workspaceId),
    watch: (workspaceId, onChange) => backend.watch(workspaceId, onChange),
    gc: request => at(request.now, () => backend.gc(request)),
    newEpoch: () => backend.newEpoch(),
    health: () => backend.health(),
    close: () => backend.close(),
  }
}

describeSyncBackend('convex, over the loopback', open)
