import { afterEach, describe, expect, it } from 'vitest'
import { NO_FAULTS } from '../../../src/testing/index'
import { checkAtRest, isAtRest } from '../../../src/testing/simulation/rest-checks'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { EditRequest, SimTab } from '../../../src/testing/simulation/sim-tab'
import { SimWorld } from '../../../src/testing/simulation/sim-world'

const DAY = 24 * 3_600_000
let world: SimWorld
afterEach(() => world.close())

const put = (pk: string): EditRequest => ({ kind: 'put', tableName: 'items', pk })
const remove = (pk: string): EditRequest => ({ kind: 'delete', tableName: 'items', pk })
const edit = (tab: SimTab, ...requests: EditRequest[]) => world.finish(tab.edit(requests))
const shown = (device: SimDevice) => [...device.records().values()].flatMap(({ row }) => row ? [`${row.id}:${row.edit}`] : []).sort()
const level = (device: SimDevice) => isAtRest(device, world.oracle.version(device.workspaceId))

/** A device with a leading and a following tab, and another device. */
async function begin() {
  world = new SimWorld({ seed: 1, faults: NO_FAULTS })
  const [one, two] = [world.device({ userId: 'ann' }), world.device({ userId: 'bob' })]
  const [a, second, other] = [one.open(), one.open(), two.open()]
  await rest()
  const leader = [a, second].find(tab => tab.engine.status.get().isLeader)!
  return { one, two, leader, follower: leader === a ? second : a, other }
}

/** Until everybody has everything; then nothing may be lost and all must agree. */
async function rest(): Promise<void> {
  expect(await world.run(300_000, () => world.devices.every(device => !device.tabs.length || level(device))), world.lines.slice(-40).join('\n')).toBe(true)
  await checkAtRest(world)
}

describe('a tab that is just starting', () => {
  it('sends an edit that commits while it reads the outbox as known to the next one: no conflict, and not twice', async () => {
    world = new SimWorld({ seed: 1, faults: NO_FAULTS })
    for (let moment = 0; moment < 60; moment++) {
      const device = world.device({ userId: `user${moment}`, isStorageBlocked: true })
      const tab = device.open()
      await world.pump.drain(moment)
      await edit(tab, put(device.name))
      await edit(tab, put(device.name))
      await world.run(60_000, () => level(device))
      expect(device.conflicts(), `after ${moment} steps of the disk`).toEqual([])
      device.crash(tab)
    }
    expect(world.oracle.repeated).toBe(0)
  })
})

describe('two tabs of one device', () => {
  it('an edit upon another tab\'s, of which no message has come yet, stands on what that one stood on: no conflict', async () => {
    const { one, leader, follower, other } = await begin()
    await edit(other, put('a'))
    await rest()
    const [earlier, later] = [follower.edit([put('a')]), leader.edit([put('a')])]
    await world.finish(Promise.all([earlier, later]))
    await rest()
    expect(one.conflicts()).toEqual([])
    expect(shown(one)).toEqual(['a:e3'])
  })

  it('a leader that was frozen for longer than tombstones are kept does not bring back what was deleted meanwhile', async () => {
    const { one, two, leader, other } = await begin()
    // A page about a record whose own push has no answer yet: it waits in the leader's hands.
    leader.provider.losePushReplies = 1
    await edit(leader, put('a'))
    expect(await world.run(60_000, () => level(two))).toBe(true)
    await edit(other, put('a'), put('b'))
    expect(await world.run(60_000, () => world.lines.some(line => line.includes(`${leader.name} gets 2 changes`)))).toBe(true)
    one.freeze(leader)
    expect(await world.run(60_000, () => shown(one).join() === 'a:e2,b:e3')).toBe(true)
    await edit(other, remove('a'))
    expect(await world.run(60_000, () => level(two) && shown(one).length === 1)).toBe(true)
    world.time.jump(31 * DAY)
    await world.run(3_600_000)
    expect(one.records().has('items/a'), 'the tombstone is collected').toBe(false)
    one.thaw(leader)
    await rest()
    expect([shown(one), shown(two)]).toEqual([['b:e3'], ['b:e3']])
  })

  it.each(['the tab that took the lead from a frozen one', 'the tab that leads since that one has crashed'])('an edit of %s, sent by the frozen one when it thaws, does not meet what is made upon it', async (who) => {
    const { one, two, leader, follower: thief, other } = await begin()
    const follower = who.includes('crashed') ? one.open() : thief
    await edit(leader, put('x'))
    expect(await world.run(60_000, () => world.oracle.applied === 1)).toBe(true)
    one.freeze(leader)
    if (follower !== thief) {
      expect(await world.run(60_000, () => thief.engine.status.get().isLeader)).toBe(true)
      one.crash(thief)
    }
    expect(await world.run(60_000, () => follower.engine.status.get().isLeader && level(two) && one.outbox().length === 0)).toBe(true)
    await world.run(1_000)
    // Its requests hang from now on; the second edit waits for the answer to the first.
    const push = follower.provider.push.bind(follower.provider)
    let letGo = () => {}
    const hanging = new Promise<void>((resolve) => { letGo = resolve })
    follower.provider.push = async (batch) => {
      await hanging
      return await push(batch)
    }
    await edit(follower, put('b'))
    await edit(follower, put('a'))
    one.thaw(leader)
    expect(await world.run(60_000, () => shown(two).includes('a:e3'))).toBe(true)
    await edit(other, put('a'))
    expect(await world.run(60_000, () => level(two) && one.position() === world.oracle.version('w1'))).toBe(true)
    letGo()
    await rest()
    expect([one.conflicts(), shown(one), shown(two)]).toEqual([[], ['a:e4', 'b:e2', 'x:e1'], ['a:e4', 'b:e2', 'x:e1']])
  })

  describe('of which one froze with the answer to an edit in its hands, before the user was made a viewer', () => {
    /** The other tab leads, has had the same edit refused, and has seen the edit that overtook it. The frozen one has thawed. */
    async function refusedElsewhere(isTaken: boolean) {
      const { one, two, leader, follower, other } = await begin()
      await edit(other, put('a'))
      await rest()
      if (!isTaken) world.members.set('ann', 'w1', 'viewer')
      const sent = world.network.counts.requests
      await edit(leader, put('a'))
      expect(await world.run(60_000, () => isTaken ? world.oracle.applied === 2 : world.network.counts.requests > sent)).toBe(true)
      one.freeze(leader)
      world.members.set('ann', 'w1', 'viewer')
      expect(await world.run(60_000, () => one.outbox()[0]?.status === 'failed')).toBe(true)
      await edit(other, put('a'), put('a'))
      // Until nothing more is on its way: nobody will tell of the overtaking edit again.
      await world.run(10_000)
      expect([one.position(), level(two)]).toEqual([world.oracle.version('w1'), true])
      expect(shown(one), 'the refused edit stays in sight').toEqual(['a:e2'])
      one.thaw(leader)
      return { one, two, follower }
    }

    it('what overtook the edit is here, when the answer was that it had been taken', async () => {
      const { one, two } = await refusedElsewhere(true)
      await rest()
      expect([shown(one), shown(two), one.outbox()]).toEqual([['a:e4'], ['a:e4'], []])
    })

    it('what overtook the edit stands beside it, when the answer was that it is refused', async () => {
      const { one, two, follower } = await refusedElsewhere(false)
      await rest()
      expect(one.outbox()).toMatchObject([{ status: 'failed', failure: { remote: { payload: { edit: 'e4' } } } }])
      world.members.set('ann', 'w1', 'editor')
      await world.finish(follower.engine.queue.retry())
      await rest()
      expect([shown(one), shown(two)]).toEqual([['a:e2'], ['a:e2']])
    })

    it.each([
      ['taken: both are kept', true, ['e3 met e2, remote wins'], 'a:e2'],
      ['refused: it goes to the store', false, ['e3 met e1, local wins'], 'a:e3'],
    ])('says nothing of what was made of the record since the other tab had it refused and gave it up, when the answer was that it is %s', async (_, isTaken, conflicts, end) => {
      const { one, two, leader, follower, other } = await begin()
      await edit(other, put('a'))
      await rest()
      if (!isTaken) world.members.set('ann', 'w1', 'viewer')
      const sent = world.network.counts.requests
      await edit(leader, put('a'))
      expect(await world.run(60_000, () => isTaken ? world.oracle.applied === 2 : world.network.counts.requests > sent)).toBe(true)
      one.freeze(leader)
      world.members.set('ann', 'w1', 'viewer')
      expect(await world.run(60_000, () => one.outbox()[0]?.status === 'failed')).toBe(true)
      world.members.set('ann', 'w1', 'editor')
      await world.finish(one.settleRefused('discard'))
      // Made before the record is fetched again: it stands on nothing, and its clock is the lower one.
      await edit(follower, put('a'))
      expect(one.outbox().map(({ ops }) => ops[0]!.clock)).toEqual([1])
      one.thaw(leader)
      await rest()
      expect(one.conflicts().map(({ local, remote, winner }) => `${local.row?.edit} met ${remote.row?.edit}, ${winner} wins`)).toEqual(conflicts)
      expect([shown(one), shown(two)]).toEqual([[end], [end]])
    })
  })
})

describe('an edit that something on the way refuses', () => {
  it('is sent by a tab that was frozen while another one set it aside, and crashed', async () => {
    const { one, two, leader, other } = await begin()
    world.network.firewall = { text: '"pk":"a"', refusal: { code: 'UNKNOWN', status: 403 } }
    await edit(leader, put('a'), put('b'))
    expect(await world.run(60_000, () => world.network.counts.refused > 0)).toBe(true)
    one.freeze(leader)
    expect(await world.run(120_000, () => one.outbox().some(({ ops }) => ops.some(({ aside }) => aside)))).toBe(true)
    one.crash(one.tabs.find(tab => tab !== leader)!)
    one.thaw(leader)
    world.network.firewall = null
    await rest()
    expect([shown(two), other.engine.status.get().pendingCount]).toEqual([['a:e1', 'b:e2'], 0])
  })
})

describe('two tabs of a browser whose Web Locks turn out not to work', () => {
  it('do not show, when one thaws with several pages on their way, what the other one has seen deleted and forgotten since', async () => {
    world = new SimWorld({ seed: 1, faults: NO_FAULTS })
    const [one, two] = [world.device({ userId: 'ann', isStorageBlocked: true }), world.device({ userId: 'bob' })]
    const [frozen, , other] = [one.open(), one.open(), two.open()]
    await rest()
    await world.run(1_000)
    one.freeze(frozen)
    for (const request of [put('b'), put('a'), remove('a')]) {
      await edit(other, request)
      expect(await world.run(60_000, () => level(two) && one.cursor()!.cursor === world.oracle.version('w1'))).toBe(true)
    }
    for (let day = 0; day < 32; day++) {
      world.time.jump(DAY)
      await world.run(60_000)
    }
    // Nothing is cleared for its age before the store has told what time it is.
    await edit(other, put('b'))
    await world.run(60_000, () => level(two) && one.cursor()!.cursor === world.oracle.version('w1'))
    world.time.jump(DAY / 24)
    await world.run(60_000)
    expect([one.rescans, one.records().has('items/a')], 'the tombstone is collected').toEqual([0, false])
    one.thaw(frozen)
    const seen = new Set<string>()
    await world.run(60_000, () => {
      seen.add(shown(one).join())
      return false
    })
    await rest()
    expect([...seen]).toEqual(['b:e4'])
  })

  it('do not take each other\'s edits for answered when they come back: what an edit replaced is told by the answer alone', async () => {
    world = new SimWorld({ seed: 1, faults: NO_FAULTS })
    const [one, two] = [world.device({ userId: 'ann' }), world.device({ userId: 'bob', isStorageBlocked: true })]
    const [a, sender, reader] = [one.open(), two.open(), two.open()]
    await rest()
    let isDeaf = true
    for (const { provider } of [sender, reader]) {
      const pull = provider.pull.bind(provider)
      provider.pull = request => isDeaf ? Promise.reject(new Error('no pull today')) : pull(request)
      provider.subscribe = () => Promise.reject(new Error('no stream today'))
      provider.disconnect()
    }
    await edit(a, put('a'))
    expect(await world.run(60_000, () => world.oracle.applied === 1)).toBe(true)
    world.time.jump(1)
    sender.provider.losePushReplies = 1
    await edit(sender, put('a'))
    expect(await world.run(60_000, () => world.oracle.applied === 2)).toBe(true)
    two.crash(sender)
    isDeaf = false
    const { requests } = world.network.counts
    await world.finish(reader.engine.rescan())
    expect(await world.run(60_000, () => world.network.counts.requests > requests)).toBe(true)
    expect(await world.run(60_000, () => two.outbox().length === 0)).toBe(true)
    expect(two.conflicts().map(({ local, remote }) => [local.row?.edit, remote.row?.edit])).toEqual([['e2', 'e1']])
    expect(shown(two)).toEqual(['a:e2'])
  })

  it('do not sweep away, when one ends its walk, what the other one has applied meanwhile', async () => {
    world = new SimWorld({ seed: 1, faults: NO_FAULTS })
    const [one, two] = [world.device({ userId: 'ann', hasLocks: false }), world.device({ userId: 'bob' })]
    const [walking, , other] = [one.open(), one.open(), two.open()]
    await rest()
    await edit(other, put('a'), put('b'))
    await rest()
    const { provider } = walking
    const pull = provider.pull.bind(provider)
    let at: 'the first page' | 'the second page' | 'what has changed since' = 'the first page'
    let letGo = () => {}
    const held = () => new Promise<void>((resolve) => { letGo = resolve })
    provider.pull = async (request) => {
      if (!request.bootstrap && at === 'the first page') return await pull(request)
      if (request.cursor > 0 && at === 'the first page') {
        at = 'the second page'
        await held()
      }
      const page = await pull(request.bootstrap ? { ...request, limit: 1 } : request)
      if (!request.bootstrap && at === 'the second page') {
        at = 'what has changed since'
        await held()
      }
      return page
    }
    const walk = walking.engine.rescan()
    expect(await world.run(60_000, () => at === 'the second page')).toBe(true)
    await edit(other, put('c'))
    await world.run(1_000)
    letGo()
    expect(await world.run(60_000, () => at === 'what has changed since')).toBe(true)
    await edit(other, put('d'))
    expect(await world.run(60_000, () => shown(one).length === 4), 'the other tab has it').toBe(true)
    letGo()
    const gone = new Set<string>()
    await world.run(2_000, () => {
      if (shown(one).length < 4) gone.add('d')
      return false
    })
    await world.finish(walk)
    await rest()
    expect([shown(one).length, [...gone]]).toEqual([4, []])
    await world.close()
    world = new SimWorld({ seed: 1, faults: NO_FAULTS })
  })
})
