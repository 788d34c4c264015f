import { afterEach, describe, expect, it } from 'vitest'
import { NO_FAULTS } from '../../../src/testing/index'
import { checkAtRest, isAtRest } from '../../../src/testing/simulation/rest-checks'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { EditRequest, SimTab } from '../../../src/testing/simulation/sim-tab'
import { SimWorld } from '../../../src/testing/simulation/sim-world'

const DAY = 24 * 3_600_000
let world: SimWorld
afterEach(() => world.close())

function begin(): { one: SimDevice, two: SimDevice } {
  world = new SimWorld({ seed: 1, faults: NO_FAULTS })
  return { one: world.device({ userId: 'ann' }), two: world.device({ userId: 'bob' }) }
}

const put = (pk: string): EditRequest => ({ kind: 'put', tableName: 'items', pk })
const remove = (pk: string): EditRequest => ({ kind: 'delete', tableName: 'items', pk })
const edit = (tab: SimTab, ...requests: EditRequest[]) => world.finish(tab.edit(requests))
const shown = (device: SimDevice) => [...device.records().values()].flatMap(({ row }) => row ? [`${row.id}:${row.edit}`] : []).sort()
const level = (device: SimDevice) => isAtRest(device, world.oracle.version(device.workspaceId))

/** Until everybody has everything; then nothing may be lost and all must agree. */
async function rest(): Promise<void> {
  expect(await world.run(300_000, () => world.devices.every(device => !device.tabs.length || level(device))), world.lines.slice(-40).join('\n')).toBe(true)
  await checkAtRest(world)
}

describe('an edit that arrived, of which nobody heard, and that somebody on the way refuses from then on', () => {
  it('makes no conflict with what was made upon it, though other edits went past it meanwhile', async () => {
    const { one, two } = begin()
    const [a, b] = [one.open(), two.open()]
    await rest()
    a.provider.losePushReplies = 1
    await edit(a, put('a'))
    expect(await world.run(60_000, () => shown(two).length === 1)).toBe(true)
    world.network.firewall = { text: world.journal.edits.get('e1')!.opId!, refusal: { code: 'UNKNOWN', status: 200 } }
    await edit(b, remove('a'))
    for (let applied = 3; applied < 6; applied++) {
      await edit(a, put('b'))
      expect(await world.run(120_000, () => world.oracle.applied === applied && one.outbox().length === 1)).toBe(true)
    }
    expect(one.outbox()[0]!.ops.map(({ pk, aside }) => [pk, aside?.code])).toEqual([['a', 'UNKNOWN']])
    world.network.firewall = null
    one.wake()
    await rest()
    expect([shown(one), shown(two), world.checks.conflicts.size]).toEqual([['b:e5'], ['b:e5'], 0])
  })

  it('makes none either where the next tab hears of that first, and has another edit answered', async () => {
    const { one, two } = begin()
    const [first, b] = [one.open(), two.open()]
    await rest()
    first.provider.losePushReplies = 1
    await edit(first, put('a'))
    expect(await world.run(60_000, () => shown(two).length === 1)).toBe(true)
    world.network.firewall = { text: world.journal.edits.get('e1')!.opId!, refusal: { code: 'UNKNOWN', status: 200 } }
    expect(await world.run(120_000, () => one.outbox().some(({ ops }) => ops[0]?.aside))).toBe(true)
    one.setOnline(false)
    await edit(first, put('b'))
    one.crash(first)
    await edit(b, remove('a'))
    const next = one.open()
    const push = next.provider.push.bind(next.provider)
    let letGo = () => {}
    const hanging = new Promise<void>((resolve) => { letGo = resolve })
    next.provider.push = async (batch) => {
      await hanging
      return await push(batch)
    }
    one.setOnline(true)
    expect(await world.run(60_000, () => one.quarantine().length === 1)).toBe(true)
    letGo()
    expect(await world.run(60_000, () => world.oracle.applied === 3)).toBe(true)
    world.network.firewall = null
    await rest()
    expect([shown(one), shown(two), world.checks.conflicts.size]).toEqual([['b:e2'], ['b:e2'], 0])
  })
})

describe('a first sync', () => {
  it('does not keep a row that was acknowledged before it and deleted elsewhere since', async () => {
    const { one, two } = begin()
    const a = one.open()
    const b = two.open()
    await rest()
    const fresh = world.device({ userId: 'cid' })
    const c = fresh.open()
    const pull = c.provider.pull.bind(c.provider)
    let blocked = true
    c.provider.pull = request => blocked ? Promise.reject(new Error('no pull today')) : pull(request)
    await edit(c, put('a'))
    expect(await world.run(60_000, () => world.oracle.applied === 1 && one.records().size === 1)).toBe(true)
    await edit(a, remove('a'))
    expect(await world.run(60_000, () => world.oracle.applied === 2)).toBe(true)
    blocked = false
    await rest()
    expect([shown(one), shown(two), shown(fresh)]).toEqual([[], [], []])
    expect(b.engine.status.get().state).toBe('idle')
  })
})

describe('a lost reply', () => {
  it('is no reason to stay "offline" once the edit has come back by the feed', async () => {
    const { one } = begin()
    const a = one.open()
    await rest()
    a.provider.losePushReplies = 2
    await edit(a, put('a'))
    await rest()
    expect(a.engine.status.get()).toMatchObject({ state: 'idle', pendingCount: 0, error: null })
  })

  it('loses no loser: what the unheard edit replaced is kept, whoever tells of it', async () => {
    const { one, two } = begin()
    const [a, b] = [one.open(), two.open()]
    await rest()
    one.setOnline(false)
    await edit(a, put('a'))
    await edit(b, put('a'))
    expect(await world.run(60_000, () => world.oracle.applied === 1)).toBe(true)
    a.provider.losePushReplies = 1
    one.setOnline(true)
    expect(await world.run(60_000, () => world.oracle.applied === 2)).toBe(true)
    await edit(a, put('a'))
    await rest()
    expect(one.conflicts().map(({ local, remote }) => [local.row?.edit, remote.row?.edit])).toEqual([['e1', 'e2']])
    expect(two.conflicts()).toEqual([])
  })

  it('then an edit by a third device upon it, is no conflict', async () => {
    const { one, two } = begin()
    const [a, b] = [one.open(), two.open()]
    await rest()
    a.provider.losePushReplies = 1
    await edit(a, put('a'))
    expect(await world.run(60_000, () => world.oracle.applied === 1)).toBe(true)
    one.setOnline(false)
    expect(await world.run(60_000, () => level(two))).toBe(true)
    await edit(b, put('a'))
    expect(await world.run(60_000, () => level(two))).toBe(true)
    one.setOnline(true)
    await rest()
    expect([one.conflicts(), two.conflicts()]).toEqual([[], []])
    expect(shown(one)).toEqual(['a:e2'])
  })
})

describe('a restored store', () => {
  it('gets back what it forgot, also when its lower version is what gives it away', async () => {
    const { one, two } = begin()
    const [a] = [one.open(), two.open()]
    await edit(a, put('a'))
    await rest()
    const restore = world.backUp()!
    await edit(a, put('b'), put('c'))
    await edit(a, remove('a'))
    await rest()
    await restore()
    await rest()
    expect([shown(one), shown(two)]).toEqual([['b:e2', 'c:e3'], ['b:e2', 'c:e3']])
  })

  it('gets back a delete of a record that it has not even seen, before another device brings that record back', async () => {
    const { one, two } = begin()
    const [a] = [one.open(), two.open()]
    await rest()
    const restore = world.backUp()!
    await edit(a, put('a'))
    await rest()
    for (const tab of [...two.tabs]) two.crash(tab)
    await edit(a, remove('a'))
    await world.run(60_000, () => level(one))
    await restore()
    await world.run(60_000, () => level(one))
    two.open()
    await rest()
    expect([shown(one), shown(two)]).toEqual([[], []])
  })

  it('gets back a delete of long ago, though the walk that compares everything takes longer than GC waits', async () => {
    const { one, two } = begin()
    const [a] = [one.open(), two.open()]
    await edit(a, put('a'))
    await rest()
    const restore = world.backUp()!
    await edit(a, remove('a'))
    await rest()
    for (const device of [one, two]) for (const tab of [...device.tabs]) device.crash(tab)
    world.time.jump(40 * DAY)
    await restore()
    one.setOnline(false)
    one.open()
    await world.run(120_000)
    expect(one.bootstrap(), 'the walk is under way').toBeDefined()
    one.setOnline(true)
    await rest()
    expect(shown(one), 'before anybody else comes').toEqual([])
    two.open()
    await rest()
    expect([shown(one), shown(two)]).toEqual([[], []])
  })
})

describe('tabs', () => {
  it('a leader that was frozen while another one started over does not put its old place back', async () => {
    const { one, two } = begin()
    const [a, second, b] = [one.open(), one.open(), two.open()]
    await edit(b, put('a'))
    await rest()
    const leader = [a, second].find(tab => tab.engine.status.get().isLeader)!
    const restore = world.backUp()!
    for (const pk of ['b', 'c', 'd']) await edit(b, put(pk))
    await rest()
    one.freeze(leader)
    await edit(b, put('a'))
    for (const tab of [...two.tabs]) two.crash(tab)
    await restore()
    expect(await world.run(120_000, () => (one.cursor()?.cursor ?? Infinity) <= world.oracle.version('w1') && one.position() <= world.oracle.version('w1'))).toBe(true)
    one.thaw(leader)
    two.open()
    await rest()
    expect(one.cursor()!.cursor).toBeLessThanOrEqual(world.oracle.version('w1'))
  })

  it('what a tab wrote while its engine stood still is sent by the leader once it starts', async () => {
    const { one } = begin()
    const [a, second] = [one.open(), one.open()]
    await rest()
    const follower = [a, second].find(tab => !tab.engine.status.get().isLeader)!
    await world.finish(follower.engine.stop())
    await edit(follower, put('a'))
    await world.finish(follower.engine.start())
    await rest()
    expect(world.oracle.applied).toBe(1)
  })
})

describe('clocks', () => {
  it('set back by an hour does not keep the breaker open for that hour', async () => {
    const { one } = begin()
    const a = one.open()
    await rest()
    world.network.refusal = { code: 'SERVER_ERROR', status: 503 }
    await edit(a, put('a'))
    await world.run(15_000)
    one.skew = -3_600_000
    world.network.refusal = null
    expect(await world.run(120_000, () => level(one))).toBe(true)
  })

  it('an hour ahead: the edit is stamped anew, nothing is lost', async () => {
    const { one, two } = begin()
    const [a] = [one.open(), two.open()]
    one.skew = 3_600_000
    await edit(a, put('a'))
    await rest()
    expect(shown(two)).toEqual(['a:e1'])
  })
})

describe('a quiet workspace', () => {
  it('pitfall 26: is not rescanned because a device that was connected all the time is connected anew', async () => {
    const { one, two } = begin()
    const [a, b] = [one.open(), two.open()]
    await edit(a, put('a'))
    await rest()
    world.time.jump(6 * DAY)
    await world.run(11 * 60_000)
    world.time.jump(2 * DAY)
    b.provider.disconnect()
    await edit(a, put('b'))
    await rest()
    expect([shown(two), one.rescans, two.rescans]).toEqual([['a:e1', 'b:e2'], 0, 0])
  })
})

describe('a long absence', () => {
  it('after which deletes were collected ends with all devices equal', async () => {
    const { one, two } = begin()
    const [a] = [one.open(), two.open()]
    await edit(a, put('a'), put('b'))
    await rest()
    for (const tab of [...two.tabs]) two.crash(tab)
    await edit(a, remove('a'))
    await rest()
    world.time.jump(40 * DAY)
    await world.finish(world.gateway.gc())
    const b = two.open()
    await edit(b, put('b'))
    await rest()
    expect([shown(one), shown(two)]).toEqual([['b:e4'], ['b:e4']])
  })

  it('in which a delete waited to be sent for longer than tombstones are kept ends with the record deleted', async () => {
    const { one, two } = begin()
    const [a] = [one.open(), two.open()]
    await edit(a, put('a'))
    await rest()
    one.setOnline(false)
    await edit(a, remove('a'))
    world.time.jump(40 * DAY)
    await world.run(30 * 60_000)
    one.setOnline(true)
    await rest()
    expect([shown(one), shown(two)]).toEqual([[], []])
  })

  it('a delete while the other device has not seen anything yet', async () => {
    const { one, two } = begin()
    const a = one.open()
    await edit(a, put('a'))
    await world.run(60_000, () => level(one))
    await edit(a, remove('a'))
    two.open()
    await rest()
    expect(shown(two)).toEqual([])
  })

  it('a create over a collected delete wins', async () => {
    const { one, two } = begin()
    const a = one.open()
    await edit(a, put('a'))
    await edit(a, remove('a'))
    await world.run(60_000, () => level(one))
    await world.finish(world.gateway.gc())
    await edit(two.open(), put('a'))
    await rest()
    expect(shown(one)).toEqual(['a:e3'])
    expect(world.checks.conflicts.size).toBe(0)
  })
})

describe('borders', () => {
  it('a viewer sees everything and changes nothing, and another workspace sees nothing', async () => {
    const { one } = begin()
    const viewer = world.device({ userId: 'eve', role: 'viewer' })
    const stranger = world.device({ userId: 'sam', workspaceId: 'w2' })
    const [a, b, c] = [one.open(), viewer.open(), stranger.open()]
    await edit(a, put('a'))
    await rest()
    expect(await edit(b, put('a'))).toBe(false)
    expect(await edit(b, remove('a'))).toBe(false)
    await edit(c, put('a'))
    await rest()
    expect([shown(one), shown(viewer), shown(stranger)]).toEqual([['a:e1'], ['a:e1'], ['a:e4']])
    expect([world.oracle.version('w1'), world.oracle.version('w2')]).toEqual([1, 1])
  })
})
