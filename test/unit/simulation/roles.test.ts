import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NO_FAULTS } from '../../../src/testing/index'
import { checkAtRest, isAtRest } from '../../../src/testing/simulation/rest-checks'
import type { SimDevice, SimDeviceOptions } from '../../../src/testing/simulation/sim-device'
import type { EditRequest, SimTab } from '../../../src/testing/simulation/sim-tab'
import { SimWorld } from '../../../src/testing/simulation/sim-world'

let world: SimWorld
let one: SimDevice
let two: SimDevice
let a: SimTab
let b: SimTab

beforeEach(async () => {
  world = new SimWorld({ seed: 1, faults: NO_FAULTS })
  one = world.device({ userId: 'ann' })
  two = world.device({ userId: 'bob' })
  a = one.open()
  b = two.open()
  await edit(a, put)
  await rest()
})
afterEach(() => world.close())

const put: EditRequest = { kind: 'put', tableName: 'items', pk: 'a' }
const remove: EditRequest = { kind: 'delete', tableName: 'items', pk: 'a' }
const edit = (tab: SimTab, ...requests: EditRequest[]) => world.finish(tab.edit(requests))
const shown = (device: SimDevice) => [...device.records().values()].flatMap(({ row }) => row ? [row.edit] : [])
const refused = (device: SimDevice) => device.outbox().filter(({ status }) => status === 'failed').length
const level = (device: SimDevice) => isAtRest(device, world.oracle.version(device.workspaceId))

async function rest(): Promise<void> {
  expect(await world.run(300_000, () => world.devices.every(device => !device.tabs.length || level(device))), world.lines.slice(-40).join('\n')).toBe(true)
  await checkAtRest(world)
}

/** Ann may only read, and her app does not know yet. */
async function refuse(request: EditRequest): Promise<void> {
  world.members.set('ann', 'w1', 'viewer')
  await edit(a, request)
  expect(await world.run(60_000, () => refused(one) === 1)).toBe(true)
}

describe('an editor who becomes a viewer', () => {
  it('finds in the dead letter what was on its way, and sends it when an editor again', async () => {
    await refuse(put)
    one.hearRole('viewer')
    expect(await edit(a, put)).toBe(false)
    world.members.set('ann', 'w1', 'editor')
    one.hearRole('editor')
    await world.finish(one.settleRefused('retry'))
    await rest()
    expect([shown(one), shown(two), refused(one)]).toEqual([['e2'], ['e2'], 0])
  })

  it.each([['delete', remove], ['edit', put]])('gives a refused %s up, and has what the store has, at once', async (_, request) => {
    await refuse(request)
    await world.finish(one.settleRefused('discard'))
    await rest()
    expect([shown(one), shown(two)]).toEqual([['e1'], ['e1']])
  })

  it('gives a refused edit up, and keeps the one made since', async () => {
    await refuse(put)
    world.members.set('ann', 'w1', 'editor')
    one.setOnline(false)
    await edit(a, put)
    await world.finish(one.settleRefused('discard'))
    one.setOnline(true)
    await rest()
    expect([shown(one), shown(two)]).toEqual([['e3'], ['e3']])
  })

  it.each([
    ['discard', 'waits for the network', {}], ['discard', 'is held', { hold: true }], ['retry', 'waits for the network', {}], ['retry', 'is held', { hold: true }],
  ] as const)('after a %s of a refused edit, what arrived beside it is not lost on the one made since, which %s', async (how, _, flags) => {
    const draft = { ...put, tableName: 'drafts' as const }
    await refuse(draft)
    for (let count = 0; count < 3; count++) await edit(b, draft)
    expect(await world.run(60_000, () => [one, two].every(level))).toBe(true)
    world.members.set('ann', 'w1', 'editor')
    one.setOnline(false)
    await edit(a, { ...draft, ...flags })
    await world.finish(one.settleRefused(how))
    one.setOnline(true)
    await rest()
    expect([shown(one), shown(two)]).toEqual([['e1', 'e5'], ['e1', 'e5']])
    expect(one.conflicts().map(({ winner, local, remote }) => [winner, local.row?.edit, remote.row?.edit])).toEqual([['remote', 'e6', 'e5']])
  })
})

describe('a member who is removed', () => {
  it('finds in the dead letter what was not sent, asks no more, and sends it when back', async () => {
    world.members.set('ann', 'w1', null)
    await edit(a, put)
    await edit(b, { ...put, pk: 'b' })
    await world.run(60_000)
    expect([world.oracle.applied, refused(one), one.outbox().length]).toEqual([2, 1, 1])
    const before = world.network.counts.requests
    await world.run(600_000)
    expect(world.network.counts.requests - before).toBeLessThan(5)
    world.members.set('ann', 'w1', 'editor')
    await world.finish(one.settleRefused('retry'))
    await rest()
    expect(shown(two).sort()).toEqual(['e2', 'e3'])
  })
})

describe('a user whose role is another for a while', () => {
  it('has their own again when faults end, though a device came meanwhile', () => {
    world.members.set('ann', 'w1', 'viewer')
    const copy = world.device({ userId: 'ann', databaseName: one.databaseName })
    expect(copy.role).toBe('viewer')
    world.calmDown()
    expect([world.members.role('ann', 'w1'), copy.role, copy.ownRole]).toEqual(['editor', 'editor', 'editor'])
  })
})

describe('two sessions in one browser', () => {
  it('have nothing in common, though one starts while the other still stops', async () => {
    const other = world.device({ userId: 'ann', workspaceId: 'w2', browser: one.browser })
    await edit(a, put)
    const left = one.close(a)
    const c = other.open()
    await edit(c, put)
    await world.finish(left)
    one.open()
    await rest()
    expect([shown(one), shown(other)]).toEqual([['e2'], ['e3']])
    expect([world.oracle.rows('w1').size, world.oracle.rows('w2').size]).toEqual([1, 1])
  })
})

describe('a page in whose browser somebody else was signed in', () => {
  it('goes on once its user is back, though it thaws with an answer from before', async () => {
    one.browser.cookie = 'bob'
    await edit(a, put)
    one.freeze(a)
    await world.run(10_000)
    expect(world.oracle.applied).toBe(1)
    one.browser.cookie = null
    one.thaw(a)
    await rest()
    expect([shown(one), shown(two)]).toEqual([['e2'], ['e2']])
  })
})

describe('a browser that closes the database by itself', () => {
  it('even while it is being opened again, stops nothing for good', async () => {
    one.loseDatabase(a)
    const write = a.edit([put])
    for (let tasks = 1; tasks < 40; tasks += 3) {
      await world.pump.drain(tasks)
      one.loseDatabase(a)
    }
    await world.finish(write)
    expect(await edit(a, put)).toBe(true)
    await rest()
    expect(shown(two)).toEqual([[...world.journal.edits.keys()].at(-1)])
  })
})

describe('two tabs without Web Locks', () => {
  it.each<[string, SimDeviceOptions]>([
    ['that the browser does not have', { hasLocks: false }],
    ['that refuse', { brokenLocks: 'refusing' }],
    ['that never answer', { brokenLocks: 'deaf' }],
  ])('%s: report no conflict with an edit that was made upon what the other of them has just sent', async (_, options) => {
    const three = world.device({ userId: 'cid', ...options })
    const [c, d] = [three.open(), three.open()]
    await rest()
    // Once a tab has had an answer, it knows of what it sent itself.
    for (const tab of [c, d]) {
      await edit(tab, { ...put, pk: tab.name })
      await rest()
    }
    c.provider.losePushReplies = 1
    await edit(c, put)
    expect(await world.run(60_000, () => shown(two).includes('e4'))).toBe(true)
    await edit(b, remove)
    await rest()
    expect([shown(one), shown(two), shown(three), world.checks.conflicts.size]).toEqual([...[one, two, three].map(() => ['e2', 'e3']), 0])
  })
})
