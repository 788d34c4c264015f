import { ConvexClient } from 'convex/browser'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ConvexSyncProvider } from 'or3-sync/client'
import { describeSyncProvider } from 'or3-sync/testing'
import { GroupWriter, wholeGroups } from '../../src/testing/contract/level-steps'
import { wireOp } from '../../src/testing/contract/make-op'
import { SubscribedReader } from '../../src/testing/contract/provider-steps'
import { SeededRandom } from '../../src/testing/simulation/seeded-random'
import { openTestDeployment, type TestDeployment } from './test-deployment'

let deployment: TestDeployment

beforeAll(async () => { deployment = await openTestDeployment() })
afterAll(() => deployment.close())

const connectAs = (userId: string) => new ConvexSyncProvider({
  functions: 'contract',
  client: () => new ConvexClient(deployment.url, { logger: false, initialAuthTokenReuse: true }),
  fetchToken: () => deployment.sign(userId),
})

describeSyncProvider('direct Convex', () => {
  const userId = crypto.randomUUID()
  return { workspaceId: userId, connect: () => connectAs(userId) }
})

it('a subscription shows whole groups, its own edits among them, over several pages', { timeout: 30_000 }, async () => {
  const workspaceId = crypto.randomUUID()
  const [mine, theirs] = [connectAs(workspaceId), connectAs(workspaceId)]
  // A page holds eight of these rows, and a push replaces at most two.
  const writer = new GroupWriter({ random: new SeededRandom(6), records: 14, row: (pk, clock) => ({ id: pk, title: `${clock}`.padEnd(250_000, 'x') }) })
  const reader = new SubscribedReader(20)
  const abort = new AbortController()
  const push = async (provider: ConvexSyncProvider, device: string) => {
    const ops = writer.next(2).map(op => wireOp({ ...op, device }))
    const { results } = await provider.push({ scope: { workspaceId }, ops })
    if (provider === mine) reader.pushed(ops, results.map(({ serverVersion }) => serverVersion))
  }
  for (let group = 0; group < 12; group++) await push(theirs, 'device-2')
  await mine.subscribe({ workspaceId }, ['todos'], reader.onChanges, { cursor: () => reader.cursor, signal: abort.signal, onStatus: () => {} })
  for (let group = 0; group < 24; group++) await (group % 3 === 2 ? push(mine, 'device-1') : push(theirs, 'device-2'))
  await vi.waitFor(() => expect(wholeGroups(writer, reader).at(-1)).toBe(36), { timeout: 10_000, interval: 20 })
  expect(wholeGroups(writer, reader)).not.toContain('torn')
  abort.abort()
  await Promise.all([mine.dispose(), theirs.dispose()])
})
