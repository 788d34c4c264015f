import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import { History, put, remove, shown } from '../../support/history'

const DAY = 24 * 3_600_000
let history: History
beforeEach(() => { history = new History() })
afterEach(() => history.close())

describe('a delete that waits longer than tombstones are kept', () => {
  /** Somebody on the way refuses every push of the record; the device stays in contact. GC runs. */
  async function wait(): Promise<void> {
    history.world.time.jump(40 * DAY)
    await history.world.run(11 * 60_000)
  }
  const refuse = () => { history.world.network.firewall = { text: '"pk":"a"', refusal: { code: 'UNKNOWN', status: 403 } } }
  const buried = (device: SimDevice) => [...device.records().values()].filter(({ op }) => op === 'delete').map(({ pk, clock }) => `${pk}@${clock}`)
  /** The clock of the newest edit in the outbox. */
  const waiting = (device: SimDevice) => Math.max(...device.outbox().flatMap(({ ops }) => ops.map(({ clock }) => clock)))

  it('keeps its tombstone though an earlier delete of the record was acknowledged: an edit made after it stands above it', async () => {
    const one = history.device('ann')
    const a = one.open()
    await history.edit(a, put('a'))
    await history.rest()
    await history.edit(a, remove('a'))
    await history.until(() => history.world.oracle.applied === 2)
    refuse()
    await history.edit(a, put('a'))
    await history.edit(a, remove('a'))
    const isUnanswered = () => one.outbox().some(({ ops }) => ops.some(({ clock }) => clock === 2))
    expect(isUnanswered(), 'the answer to the first delete is still on its way').toBe(true)
    await history.until(() => !isUnanswered())
    await wait()
    expect([buried(one), waiting(one)]).toEqual([['a@4'], 4])
    await history.edit(a, put('a'))
    history.world.network.firewall = null
    await history.rest()
    expect(shown(one)).toEqual(['items/a:e5'])
  })

  it('keeps its tombstone though the store had it before it was restored', async () => {
    const one = history.device('ann')
    const a = one.open()
    await history.edit(a, put('a'))
    await history.rest()
    const restore = history.world.backUp()!
    await history.edit(a, remove('a'))
    await history.rest()
    refuse()
    await restore()
    await history.until(() => one.outbox().length === 1)
    await history.until(() => !one.bootstrap())
    await wait()
    expect([buried(one), waiting(one)]).toEqual([['a@2'], 2])
    await history.edit(a, put('a'))
    history.world.network.firewall = null
    await history.rest()
    expect(shown(one)).toEqual(['items/a:e3'])
  })
})

describe('a delete that was made while the page slept over what came before it', () => {
  it('stays: pages that were on their way are not applied once its tombstone may be collected', async () => {
    const one = history.device('ann')
    const tabs = [one.open(), one.open()]
    let release = () => {}
    let gate = Promise.resolve()
    for (const { provider } of tabs) {
      const subscribe = provider.subscribe.bind(provider)
      provider.subscribe = (scope, names, onChanges, options) => subscribe(scope, names, async (changes, page) => {
        await gate
        return await onChanges(changes, page)
      }, options)
    }
    await history.rest()
    gate = new Promise((resolve) => { release = resolve })
    const leader = tabs.find(({ engine }) => engine.status.get().isLeader)!
    // Told by the stream: it was stamped by another tab. The delete is not: whoever reads the stream made it.
    await history.edit(tabs.find(tab => tab !== leader)!, put('a'))
    await history.until(() => one.outbox().length === 0)
    await history.edit(leader, remove('a'))
    await history.until(() => one.outbox().length === 0)
    history.world.time.jump(40 * DAY)
    await history.world.run(60_000)
    release()
    await history.world.run(60_000)
    expect(shown(one)).toEqual([])
    await history.rest()
  })
})
