import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NO_FAULTS } from '../../../src/testing/index'
import { checkAtRest, isAtRest } from '../../../src/testing/simulation/rest-checks'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { EditRequest, SimTab } from '../../../src/testing/simulation/sim-tab'
import { SimWorld } from '../../../src/testing/simulation/sim-world'

const DAY = 24 * 3_600_000
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
  await rest()
})
afterEach(() => world.close())

const put = (flags: Pick<EditRequest, 'hold' | 'secret'> = {}): EditRequest => ({ kind: 'put', tableName: 'drafts', pk: 'a', ...flags })
const secret = put({ secret: true })
const held = put({ hold: true })
const remove: EditRequest = { kind: 'delete', tableName: 'drafts', pk: 'a' }
const edit = (tab: SimTab, ...requests: EditRequest[]) => world.finish(tab.edit(requests))
const shown = (device: SimDevice) => [...device.records().values()].flatMap(({ row }) => row ? [row.edit] : [])
const applied = (count: number) => world.run(60_000, () => world.oracle.applied === count)

async function rest(): Promise<void> {
  expect(await world.run(300_000, () => world.devices.every(device => !device.tabs.length || isAtRest(device, world.oracle.version('w1')))), world.lines.slice(-40).join('\n')).toBe(true)
  await checkAtRest(world)
}

describe('a row that has become private', () => {
  it('and is deleted and made again before its delete was sent, is sent as it is then', async () => {
    await edit(a, put())
    await rest()
    one.setOnline(false)
    await edit(a, secret)
    await edit(a, remove)
    await edit(a, put())
    one.setOnline(true)
    await rest()
    expect([shown(one), shown(two)]).toEqual([['e4'], ['e4']])
  })

  it('is no longer with the others, and what they write meanwhile is here once the private row is gone', async () => {
    await edit(a, put())
    await rest()
    await edit(a, secret)
    await rest()
    expect([shown(one), shown(two)]).toEqual([['e2'], []])
    await edit(b, put())
    await rest()
    expect([shown(one), shown(two)]).toEqual([['e2'], ['e3']])
    await edit(a, remove)
    await rest()
    expect([shown(one), one.quarantine()]).toEqual([['e3'], []])
  })

  it('whose delete a newer edit overtakes, sends it once and no more', async () => {
    await edit(a, put())
    await rest()
    one.setOnline(false)
    await edit(a, secret)
    await edit(b, put())
    await edit(b, put())
    expect(await applied(3)).toBe(true)
    one.setOnline(true)
    await rest()
    expect([shown(one), shown(two), one.outbox()]).toEqual([['e2'], ['e4'], []])
  })

  it('meets as a conflict, told once, what was set aside for it when it is public again', async () => {
    await edit(a, put())
    await rest()
    await edit(a, secret)
    await rest()
    await edit(b, put())
    await rest()
    await edit(a, put())
    await rest()
    expect(world.checks.conflicts.size).toBe(1)
    expect(shown(one)).toEqual(shown(two))
    expect(one.quarantine()).toEqual([])
  })

  it('and back again, is no conflict with the delete that it sent itself', async () => {
    await edit(a, put())
    await edit(a, secret)
    await rest()
    await edit(a, put())
    await rest()
    expect([shown(one), shown(two), world.checks.conflicts.size]).toEqual([['e3'], ['e3'], 0])
  })

  it('does not bring back, when it is gone, what the store had set aside for it and has forgotten', async () => {
    await edit(a, put())
    await rest()
    await edit(a, secret)
    await rest()
    await edit(b, put())
    await rest()
    one.crash(a)
    await edit(b, remove)
    await rest()
    world.time.jump(40 * DAY)
    await world.finish(world.gateway.gc())
    a = one.open()
    await rest()
    await edit(a, remove)
    await rest()
    expect([shown(one), shown(two)]).toEqual([[], []])
  })

  it('stays deleted in a store that was restored from before it', async () => {
    await edit(a, put())
    await rest()
    const restore = world.backUp()!
    await edit(a, secret)
    await rest()
    await restore()
    await rest()
    expect([shown(one), shown(two)]).toEqual([['e2'], []])
  })

  it('keeps what was set aside for it, where the push that replaced that had no answer and what was made of it since is held back', async () => {
    await edit(a, secret)
    await edit(b, put())
    await rest()
    expect(one.quarantine()).toMatchObject([{ reason: 'excluded', change: { payload: { edit: 'e2' } } }])
    a.provider.losePushReplies = 2
    await edit(a, put())
    expect(await applied(2)).toBe(true)
    // The next connection tells of this device's own push, too.
    one.setOnline(false)
    one.setOnline(true)
    await world.run(1_000)
    await edit(a, held)
    await world.run(60_000)
    await edit(b, put())
    await edit(b, put())
    await rest()
    expect([shown(one), shown(two)]).toEqual([['e6'], ['e6']])
    const kept = [...world.checks.conflicts.values()].flatMap(({ record: { local, remote } }) => [local.row?.edit, remote.row?.edit])
    expect(kept).toContain('e2')
  })

  it('never leaves its device, whatever its edits and the faults', async () => {
    await edit(a, secret)
    a.provider.losePushReplies = 1
    await edit(a, put())
    await edit(a, secret)
    await edit(b, put())
    await edit(a, secret)
    await rest()
    expect(shown(two)).not.toContain('e5')
  })
})

describe('an edit that is held', () => {
  it('after one that was not, waits as a whole: nothing counts as on its way', async () => {
    one.setOnline(false)
    await edit(a, put())
    await edit(a, held)
    one.setOnline(true)
    await world.finish(a.engine.whenIdle(), 60_000)
    expect(one.outbox().map(({ status }) => status)).toEqual(['held'])
    await edit(a, put())
    await rest()
    expect([shown(two), one.outbox()]).toEqual([['e3'], []])
  })

  it('loses to a newer remote edit, and is kept as a conflict', async () => {
    await edit(a, held)
    await world.run(1_000)
    await edit(b, put())
    await rest()
    expect([shown(one), one.outbox(), world.checks.conflicts.size]).toEqual([['e2'], [], 1])
  })

  it('that becomes private leaves no trace of itself', async () => {
    await edit(a, held)
    await edit(a, secret)
    await rest()
    expect([shown(two), one.outbox()]).toEqual([[], []])
  })
})
