import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NO_FAULTS } from '../../../src/testing/index'
import { checkAtRest, isAtRest } from '../../../src/testing/simulation/rest-checks'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { EditRequest, SimTab } from '../../../src/testing/simulation/sim-tab'
import { SimWorld } from '../../../src/testing/simulation/sim-world'

let world: SimWorld
let one: SimDevice
let two: SimDevice
/** A tab of `one` that leads, and freezes. */
let leader: SimTab
/** The tab that takes the lead from it. */
let taker: SimTab
let other: SimTab
/** Until this is called, no tab of `one` hears that its lock is gone. */
let hear: () => void
/** `leader` and `taker` get no answer to pulls, and no stream, while they are in here. */
const deaf = new Set<SimTab>()
/** What they push waits while they are in here. */
const held = new Map<SimTab, Promise<void>>()

const put = (pk: string): EditRequest => ({ kind: 'put', tableName: 'items', pk })
const edit = (tab: SimTab, ...requests: EditRequest[]) => world.finish(tab.edit(requests))
const until = async (check: () => boolean) => expect(await world.run(60_000, check), world.lines.slice(-40).join('\n')).toBe(true)
const told = () => one.conflicts().map(({ winner, local, remote }) => `${local.row?.edit} met ${remote.row?.edit}, ${winner} wins`)
const waiting = () => one.outbox().flatMap(({ ops }) => ops.map(({ pk }) => pk))

beforeEach(async () => {
  world = new SimWorld({ seed: 1, faults: NO_FAULTS })
  one = world.device({ userId: 'ann' })
  two = world.device({ userId: 'bob' })
  const heard = new Promise<void>((resolve) => { hear = resolve })
  const { browser } = one
  const locksFor = browser.locksFor.bind(browser)
  browser.locksFor = (tab) => {
    const locks = locksFor(tab)!
    return { request: (...request) => locks.request(...request).finally(() => heard) }
  }
  const tabs = [one.open(), one.open()]
  other = two.open()
  await rest()
  leader = tabs.find(tab => tab.engine.status.get().isLeader)!
  taker = tabs.find(tab => tab !== leader)!
  for (const tab of tabs) obstruct(tab)
})
afterEach(async () => {
  deaf.clear()
  held.clear()
  await world.close()
})

function obstruct(tab: SimTab): void {
  const { provider } = tab
  const [push, pull, subscribe] = [provider.push.bind(provider), provider.pull.bind(provider), provider.subscribe.bind(provider)]
  provider.push = async (batch) => {
    await held.get(tab)
    return await push(batch)
  }
  provider.pull = request => deaf.has(tab) ? Promise.reject(new Error('no pull today')) : pull(request)
  provider.subscribe = (...request) => deaf.has(tab) ? Promise.reject(new Error('no stream today')) : subscribe(...request)
}

/** Until everybody has everything; then nothing may be lost and all must agree. */
async function rest(): Promise<void> {
  await until(() => world.devices.every(device => isAtRest(device, world.oracle.version('w1'))))
  await checkAtRest(world)
}

/**
 * The leader has frozen during a push of its own. The other tab has taken the lead, and its edit of `a`, e3, has replaced e2 of another device, which no
 * tab here has seen. The answer, which says so, was lost. The push comes again when `letGo` is called, and only its answer tells of e2.
 */
async function replaceUnseen(): Promise<{ letGo: () => void }> {
  let letGo = () => {}
  const later = new Promise<void>((resolve) => { letGo = resolve })
  held.set(leader, later)
  await edit(leader, put('x'))
  await world.run(100)
  one.freeze(leader)
  for (const tab of [leader, taker]) {
    deaf.add(tab)
    tab.provider.disconnect()
  }
  await edit(other, put('a'))
  await until(() => world.oracle.applied === 1)
  world.time.jump(1)
  await edit(taker, put('a'))
  taker.provider.losePushReplies = 1
  await until(() => world.oracle.applied === 3)
  held.set(taker, later)
  expect(taker.engine.status.get().isLeader).toBe(true)
  return { letGo }
}

/** The leader thaws, and has got twice the page that shows x and a: nothing of it was stored the first time. */
async function thawsAndReads(): Promise<void> {
  const pages: number[] = []
  leader.engine.hooks.addAction('sync.pull:action:received', ({ changeCount }) => { pages.push(changeCount) })
  deaf.delete(leader)
  one.thaw(leader)
  await until(() => pages.length > 1)
  expect(pages.slice(0, 2)).toEqual([2, 2])
}

/** The leader has thawed and not heard that it leads no more. Whatever it does, the edit of `a` waits for its answer. */
async function expectCareful(letGo: () => void): Promise<void> {
  expect(leader.engine.status.get().isLeader, 'it has not heard').toBe(true)
  expect(waiting()).toEqual(['x', 'a'])
  hear()
  deaf.clear()
  letGo()
  await rest()
  expect([told(), leader.engine.status.get().isLeader, taker.engine.status.get().isLeader]).toEqual([['e3 met e2, local wins'], false, true])
}

describe('a leader that has thawed, and has not heard that another tab took the lead', () => {
  it('leaves what that tab has set aside where it is: what an edit replaced is told by the answer alone', async () => {
    const { letGo } = await replaceUnseen()
    deaf.delete(taker)
    await until(() => one.quarantine().some(({ pk, reason }) => pk === 'a' && reason === 'unanswered'))
    one.thaw(leader)
    await world.run(10_000)
    await expectCareful(letGo)
  })

  it('applies no page that shows what that tab has pushed', async () => {
    const { letGo } = await replaceUnseen()
    await thawsAndReads()
    await expectCareful(letGo)
  })

  it('says nothing of an error: its work is the other tab\'s now', async () => {
    const { letGo } = await replaceUnseen()
    const errors: string[] = []
    for (const name of ['sync.pull:action:error', 'sync.error:action'] as const) leader.engine.hooks.addAction(name, ({ error }) => { errors.push(String(error)) })
    await thawsAndReads()
    expect(errors.filter(error => error.includes('taken the lead'))).toEqual([])
    expect(leader.engine.status.get().state).not.toBe('error')
    await expectCareful(letGo)
  })

  it('leads again like any other tab when that one is gone', async () => {
    const { letGo } = await replaceUnseen()
    one.thaw(leader)
    await world.run(5_000)
    hear()
    deaf.clear()
    letGo()
    await rest()
    one.crash(taker)
    await edit(other, put('b'))
    await rest()
    expect([leader.engine.status.get().isLeader, told()]).toEqual([true, ['e3 met e2, local wins']])
  })
})

describe('a tab that takes the lead from a frozen one', () => {
  it('leads although its disk is full at that moment', async () => {
    hear()
    one.freeze(leader)
    one.disk.quotaErrors = 1
    await until(() => taker.engine.status.get().isLeader)
    expect([one.disk.quotaErrors, world.lines.some(line => line.includes('could not be told'))]).toEqual([0, true])
    await edit(other, put('b'))
    await edit(taker, put('a'))
    one.thaw(leader)
    await rest()
  })
})

describe('a tab that has thawed after the database was deleted', () => {
  it('takes the lead over nobody: the tab that leads for the new database goes on', async () => {
    hear()
    // The other tab freezes while it waits for the leading one to answer, which it does too late.
    one.freeze(leader)
    one.setOnline(false)
    one.setOnline(true)
    await world.run(1_000)
    one.freeze(taker)
    await world.run(5_000)
    one.thaw(leader)
    one.wipe()
    await until(() => leader.engine.status.get().isLeader && leader.engine.status.get().state === 'idle')
    await world.run(5_000)
    one.thaw(taker)
    await world.run(1_000)
    expect(world.lines.some(line => line.includes(`${taker.name}: The leading tab does not answer`)), 'it takes the lead for the database that was').toBe(true)
    await edit(other, put('a'))
    await rest()
    expect(await world.finish(leader.engine.db.table('items').count())).toBe(1)
  })
})
