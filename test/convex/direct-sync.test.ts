import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/engine-harness'
import { makePosts } from '../support/make-posts'
import { ConvexHarness } from './convex-harness'
import { isLoopback } from './test-deployment'

/** Needs faults or counts. */
const onLoopback = it.skipIf(!isLoopback)

describe('devices that sync with Convex directly', () => {
  let world: ConvexHarness

  beforeAll(async () => { world = await ConvexHarness.open() })
  afterAll(() => world.close())
  afterEach(() => {
    world.tokens = 'given'
    return isLoopback ? world.loopback.refuseSockets(false) : undefined
  })

  type Device = ReturnType<ConvexHarness['device']>
  const pair = async () => {
    const workspaceId = await world.workspace('ann', 'bob')
    const devices = [world.device('ann', workspaceId), world.device('bob', workspaceId)] as const
    for (const device of devices) await device.start()
    return { workspaceId, devices }
  }
  const titles = async (device: Device) => (await device.db.posts.orderBy('id').toArray()).map(({ title }) => title)
  const rows = (device: Device) => device.db.posts.orderBy('id').toArray()
  const calls = async (name: string) => (await world.loopback.counts()).functions[`sync:${name}`]?.calls ?? 0

  it('see each other\'s puts, updates and deletes', async () => {
    const { devices: [ann, bob] } = await pair()
    await ann.db.posts.bulkPut(makePosts('a', 3))
    await until(() => titles(bob), found => found.length === 3)
    await bob.db.posts.update('a-0001', { title: 'by Bob' })
    await bob.db.posts.delete('a-0002')
    await until(() => titles(ann), found => found.join() === 'a 0,by Bob')
    expect(await rows(ann)).toEqual(await rows(bob))
  })

  onLoopback('send 250 edits in batches of about 100, or as one if they are one transaction, and a new device gets them all', async () => {
    const { workspaceId, devices: [ann] } = await pair()
    await ann.whenIdle()
    await world.loopback.resetCounts()
    await ann.db.posts.bulkPut(makePosts('many', 250))
    await ann.whenIdle()
    expect(await calls('push')).toBe(1)
    await ann.stop()
    for (let start = 0; start < 250; start += 10) await ann.db.posts.bulkPut(makePosts('many', 250).slice(start, start + 10))
    await world.loopback.resetCounts()
    await ann.start()
    await ann.whenIdle()
    expect(await calls('push')).toBe(3)
    const late = world.device('bob', workspaceId)
    await late.start()
    await late.whenIdle()
    expect(await rows(late)).toEqual(await rows(ann))
    expect(await late.db.posts.count()).toBe(250)
  })

  onLoopback('do not fetch their own edits back', async () => {
    const workspaceId = await world.workspace('ann')
    const ann = world.device('ann', workspaceId)
    await ann.start()
    await ann.whenIdle()
    await ann.db.posts.bulkPut(makePosts('first', 1))
    await ann.whenIdle()
    await world.loopback.resetCounts()
    for (const post of makePosts('own', 5)) {
      await ann.db.posts.put(post)
      await ann.whenIdle()
    }
    await until(() => ann.status.get().cursor, cursor => cursor === 6)
    expect(await calls('push')).toBe(5)
    expect(await calls('pull')).toBe(0)
  })

  onLoopback('have an edit applied once whose reply was lost with its socket', async () => {
    const { devices: [ann, bob] } = await pair()
    await ann.whenIdle()
    await world.loopback.resetCounts()
    await world.loopback.loseReply(1)
    await ann.db.posts.bulkPut(makePosts('lost', 2))
    await ann.whenIdle()
    await until(() => titles(bob), found => found.length === 2)
    const { functions } = await world.loopback.counts()
    // The client asks again under the same number, and Convex does not run it again.
    expect(functions['sync:push']!.calls).toBe(1)
    expect(await ann.conflicts.list()).toEqual([])
    expect(await rows(ann)).toEqual(await rows(bob))
  })

  onLoopback('go on after a conflict that Convex gave up on', async () => {
    const { devices: [ann, bob] } = await pair()
    await ann.whenIdle()
    await world.loopback.conflict(2)
    await ann.db.posts.bulkPut(makePosts('occ', 1))
    await until(() => titles(bob), found => found.length === 1)
    await ann.whenIdle()
    expect(ann.status.get()).toMatchObject({ pendingCount: 0, failedCount: 0 })
  })

  onLoopback('edit offline, come back, and agree', async () => {
    const { devices: [ann, bob] } = await pair()
    await ann.db.posts.bulkPut(makePosts('shared', 3))
    await until(() => titles(bob), found => found.length === 3)
    await world.loopback.refuseSockets(true)
    await world.loopback.dropSockets()
    await until(() => ann.status.get().state, state => state !== 'idle' && state !== 'syncing')
    await ann.db.posts.update('shared-0000', { title: 'by Ann' })
    await bob.db.posts.update('shared-0001', { title: 'by Bob' })
    await bob.db.posts.delete('shared-0002')
    await world.loopback.refuseSockets(false)
    for (const device of [ann, bob]) await device.flush()
    await until(() => titles(ann), found => found.join() === 'by Ann,by Bob')
    await until(() => titles(bob), found => found.join() === 'by Ann,by Bob')
    expect(await rows(ann)).toEqual(await rows(bob))
  })

  onLoopback('lose nothing to a token that expires in between', async () => {
    const { devices: [ann, bob] } = await pair()
    await ann.whenIdle()
    await bob.whenIdle()
    const before = world.tokensFetched.length
    await world.loopback.expireTokens()
    await ann.db.posts.bulkPut(makePosts('after', 2))
    await until(() => titles(bob), found => found.length === 2)
    await ann.whenIdle()
    expect(world.tokensFetched.slice(before)).toEqual(expect.arrayContaining(['ann', 'bob']))
    expect(ann.status.get()).toMatchObject({ pendingCount: 0, failedCount: 0, error: null })
  })

  onLoopback('keep their edits while nobody hands out tokens, say so, and send them when somebody does', async () => {
    const { devices: [ann, bob] } = await pair()
    await ann.whenIdle()
    await bob.whenIdle()
    world.tokens = 'refused'
    await world.loopback.expireTokens()
    await ann.db.posts.bulkPut(makePosts('kept', 2))
    await until(() => ann.status.get().error?.code, code => code === 'UNAUTHORIZED')
    expect([(await ann.queue.pending()).length, (await ann.queue.failed()).length]).toEqual([2, 0])
    world.tokens = 'given'
    for (const device of [ann, bob]) await device.flush()
    await until(() => titles(bob), found => found.length === 2)
    await until(() => ann.status.get().error, error => error === null)
  })

  it('say that they may not when the membership ends, and keep what was not sent for the day they may again', async () => {
    const { workspaceId, devices: [ann] } = await pair()
    await ann.whenIdle()
    await world.setRole(workspaceId, 'ann', null)
    await ann.db.posts.bulkPut(makePosts('outside', 1))
    await until(() => ann.queue.failed(), failed => failed.length === 1)
    expect(await ann.queue.failed()).toMatchObject([{ errorCode: 'UNAUTHORIZED' }])
    await until(() => ann.status.get().error?.code, code => code === 'UNAUTHORIZED')
    await world.setRole(workspaceId, 'ann', 'editor')
    await ann.queue.retry()
    await until(() => ann.status.get(), ({ error, pendingCount, failedCount }) => !error && pendingCount + failedCount === 0)
  })

  it('put what a viewer wrote before they became one into the dead letter', async () => {
    const { workspaceId, devices: [ann] } = await pair()
    await ann.whenIdle()
    await world.setRole(workspaceId, 'ann', 'viewer')
    await ann.db.posts.bulkPut(makePosts('viewer', 1))
    await until(() => ann.queue.failed(), failed => failed.length === 1)
    expect(await ann.queue.failed()).toMatchObject([{ errorCode: 'READ_ONLY' }])
  })

  it('queue again what a restored store has lost', async () => {
    const { devices: [ann, bob] } = await pair()
    await ann.db.posts.bulkPut(makePosts('restored', 2))
    await until(() => titles(bob), found => found.length === 2)
    const reasons: string[] = []
    ann.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { reasons.push(reason) })
    await world.deployment.run('sync:newEpoch', {})
    await until(() => reasons, found => found.length > 0)
    await ann.whenIdle()
    expect(reasons).toEqual(['epoch'])
    expect(await titles(ann)).toEqual(['restored 0', 'restored 1'])
  })

  onLoopback('let go of their socket when the engine is closed', async () => {
    // Devices of the tests before may still be on their way back.
    let before = -1
    await until(async () => {
      const last = before
      before = await world.loopback.sockets()
      await new Promise(resolve => setTimeout(resolve, 500))
      return before === last
    })
    const carol = world.device('carol', await world.workspace('carol'))
    await carol.start()
    await carol.whenIdle()
    expect(await world.loopback.sockets()).toBe(before + 1)
    await carol.close()
    await until(() => world.loopback.sockets(), open => open === before)
  })
})
