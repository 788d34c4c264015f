import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appVersion, History, put, remove, shown } from '../../support/history'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { SimTab } from '../../../src/testing/simulation/sim-tab'

const HOUR = 3_600_000
const draft = { tableName: 'drafts' } as const
let history: History
beforeEach(() => { history = new History() })
afterEach(() => history.close())

/** Two devices, level with an empty store. */
async function begin(): Promise<{ one: SimDevice, two: SimDevice, a: SimTab, b: SimTab }> {
  const [one, two] = [history.device('ann'), history.device('bob')]
  const [a, b] = [one.open(), two.open()]
  await history.rest()
  return { one, two, a, b }
}

const applied = (count: number) => history.until(() => history.world.oracle.applied === count)
const told = (device: SimDevice) => device.conflicts().map(({ pk, winner, local, remote }) => `${pk}: ${String(local.row?.edit)} here, ${String(remote.row?.edit)} there, ${winner} wins`)

describe('a reply that is lost before the clock is set', () => {
  it.each([HOUR, -HOUR])('by %i ms makes no conflict and loses nothing', async (step) => {
    const { one, two, a } = await begin()
    a.provider.losePushReplies = 1
    await history.edit(a, put('a'), put('b'))
    await applied(2)
    one.skew = step
    await history.edit(a, put('a'), put('c'))
    await history.rest()
    await history.edit(a, remove('b'))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['items/a:e3', 'items/c:e4'], ['items/a:e3', 'items/c:e4']])
    expect([told(one), told(two)]).toEqual([[], []])
  })

  it.each([HOUR, -HOUR])('by %i ms still tells of what the unheard edit replaced', async (step) => {
    const { one, a, b } = await begin()
    one.setOnline(false)
    await history.edit(b, put('a'))
    await history.edit(a, put('a'))
    await applied(1)
    a.provider.losePushReplies = 1
    one.setOnline(true)
    await applied(2)
    one.skew = step
    await history.edit(a, put('a'))
    await history.rest()
    expect(told(one).map(text => text.slice(text.indexOf(','))).sort()).toEqual([', e1 there, local wins'])
  })
})

describe('a live page that cannot be applied', () => {
  it('because the disk is full stays before the cursor and comes again', async () => {
    const { one, two, a, b } = await begin()
    const errors: string[] = []
    b.engine.hooks.addAction('sync.pull:action:error', ({ error }) => { errors.push(error.name) })
    two.disk.quotaErrors = 2
    await history.edit(a, put('a'), put('b'))
    await history.until(() => two.disk.quotaErrors === 0)
    expect([shown(two), two.cursor()!.cursor]).toEqual([[], 0])
    await history.rest()
    expect([shown(two), shown(one)]).toEqual([['items/a:e1', 'items/b:e2'], ['items/a:e1', 'items/b:e2']])
    expect(errors.length).toBeGreaterThan(0)
  })

  it('is none where a hook of the app\'s database throws at a row: that is no write of the app', async () => {
    const { two, a, b } = await begin()
    b.engine.db.items.hook('creating', (pk) => { if (pk === 'b') throw new Error('never') })
    await history.edit(a, put('a'), put('b'), put('c'))
    await history.rest()
    expect(shown(two)).toEqual(['items/a:e1', 'items/b:e2', 'items/c:e3'])
  })

  it('is not stopped by a listener that throws', async () => {
    const { two, a, b } = await begin()
    for (const name of ['sync.pull:action:received', 'sync.pull:action:applied'] as const) b.engine.hooks.addAction(name, () => { throw new Error('a listener of the app') })
    await history.edit(a, put('a'))
    await history.rest()
    expect(shown(two)).toEqual(['items/a:e1'])
  })
})

describe('a refused edit that others overtake', () => {
  /** Ann's edits of items are refused; Bob goes on editing the same record. */
  async function overtaken(...edits: Parameters<SimTab['edit']>[0][]): Promise<{ one: SimDevice, two: SimDevice, again: SimTab }> {
    const [one, two] = [history.device('ann'), history.device('bob')]
    const b = two.open()
    await history.edit(b, put('a'))
    const a = one.open({ schema: appVersion(1, ['items', 'drafts'], { items: { maxBytes: 1 } }) })
    await history.rest()
    await history.edit(a, put('a'))
    await history.until(() => one.outbox()[0]?.status === 'failed')
    for (const requests of edits) {
      await history.edit(b, ...requests)
      await history.level(two)
    }
    await history.until(() => one.position() === history.world.oracle.version('w1'))
    expect(shown(one), 'the refused edit stays in sight').toEqual(['items/a:e2'])
    const again = await history.reopen(one, appVersion(2, ['items', 'drafts']))
    await history.level(one)
    return { one, two, again }
  }
  const refusedId = (device: SimDevice) => device.outbox()[0]!.ops[0]!.opId

  it('keeps the newest of theirs beside it', async () => {
    const { one } = await overtaken([put('a')], [put('a')])
    expect(one.outbox()[0]!.failure!.remote).toMatchObject({ op: 'put', payload: { edit: 'e4' } })
  })

  it('rises above them all when it is retried', async () => {
    const { one, two, again } = await overtaken([put('a')], [put('a')])
    await history.world.finish(again.engine.queue.retry(refusedId(one)))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['items/a:e2'], ['items/a:e2']])
    expect(told(one)).toEqual(['a: e2 here, e4 there, local wins'])
  })

  it('gives way to the newest of theirs when it is discarded', async () => {
    const { one, two, again } = await overtaken([put('a')], [put('a')])
    await history.discard(again)
    await history.rest()
    expect([shown(one), shown(two), one.outbox()]).toEqual([['items/a:e4'], ['items/a:e4'], []])
  })

  it('goes with the record when they have deleted it and it is discarded; what is made of it afterwards stands', async () => {
    const { one, two, again } = await overtaken([put('a')], [remove('a')])
    await history.discard(again)
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([[], []])
    await history.edit(again, put('a'))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['items/a:e5'], ['items/a:e5']])
  })

  it('brings the record back when they have deleted it and it is retried', async () => {
    const { one, two, again } = await overtaken([remove('a')])
    await history.world.finish(again.engine.queue.retry(refusedId(one)))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['items/a:e2'], ['items/a:e2']])
  })
})

describe('an edit that is held back', () => {
  it('and overtaken by an edit of somebody else gives way, and is kept as the loser', async () => {
    const { one, two, a, b } = await begin()
    await history.edit(a, put('a', draft))
    await history.rest()
    await history.edit(a, put('a', { ...draft, hold: true }))
    await history.edit(b, put('a', draft))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e3'], ['drafts/a:e3']])
    expect([told(one), told(two)]).toEqual([['a: e2 here, e3 there, remote wins'], []])
  })

  it('and higher than an edit of somebody else stays held, and is released above it', async () => {
    const { one, two, a, b } = await begin()
    await history.edit(a, put('a', draft))
    await history.rest()
    for (let times = 0; times < 2; times++) await history.edit(a, put('a', { ...draft, hold: true }))
    await history.edit(b, put('a', draft))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e3'], ['drafts/a:e4']])
    await history.edit(a, { kind: 'update', pk: 'a', ...draft })
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e5'], ['drafts/a:e5']])
    expect([told(one), told(two)], 'told once').toEqual([['a: e3 here, e4 there, local wins'], []])
  })

  it('that comes to hold a record back again after it was sent keeps it here', async () => {
    const { one, two, a } = await begin()
    await history.edit(a, put('a', { ...draft, hold: true }))
    await history.edit(a, put('a', draft))
    await history.rest()
    await history.edit(a, put('a', { ...draft, hold: true }))
    await history.world.run(60_000)
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e3'], ['drafts/a:e2']])
    await history.edit(a, remove('a', draft))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([[], []])
  })
})

describe('a row that becomes private', () => {
  const secret = { ...draft, secret: true }

  it('leaves the others, sets aside what they make of it, and comes back above it', async () => {
    const { one, two, a, b } = await begin()
    await history.edit(a, put('a', draft))
    await history.rest()
    await history.edit(a, put('a', secret))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e2'], []])
    await history.edit(b, put('a', draft))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e2'], ['drafts/a:e3']])
    expect(one.quarantine()).toMatchObject([{ reason: 'excluded', change: { payload: { edit: 'e3' } } }])
    await history.edit(a, put('a', draft))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e4'], ['drafts/a:e4']])
    expect(told(one)).toEqual(['a: e4 here, e3 there, local wins'])
  })

  it('while somebody else edits it often stays here, and loses to them when it is shared again', async () => {
    const { one, two, a, b } = await begin()
    await history.edit(a, put('a', draft))
    await history.rest()
    await history.edit(a, put('a', secret))
    for (let times = 0; times < 4; times++) await history.edit(b, put('a', draft))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e2'], ['drafts/a:e6']])
    await history.edit(a, put('a', draft))
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e6'], ['drafts/a:e6']])
    expect(told(one)).toEqual(['a: e7 here, e6 there, remote wins'])
  })

  it('before it was ever sent is nobody else\'s, also where they have one of the same key', async () => {
    const { one, two, a, b } = await begin()
    one.setOnline(false)
    await history.edit(a, put('a', draft))
    await history.edit(a, put('a', secret))
    await history.edit(b, put('a', draft))
    await applied(1)
    one.setOnline(true)
    await history.rest()
    expect([shown(one)]).toEqual([['drafts/a:e2']])
    await history.edit(a, remove('a', draft))
    await history.rest()
    expect(shown(one)).toEqual(shown(two))
  })
})

describe('a rescan', () => {
  it('while new rows are acknowledged removes none of them', async () => {
    const { one, two, a, b } = await begin()
    await history.edit(a, ...['a', 'b', 'c'].map(pk => put(pk)))
    await history.rest()
    for (let round = 0; round < 10; round++) {
      await history.world.finish(a.engine.rescan())
      for (const pk of ['d', 'e', 'f']) {
        await history.edit(a, put(`${pk}${round}`))
        await history.world.run(round * 20)
      }
      await history.edit(b, put('a'), put(`x${round}`))
      await history.rest()
    }
    expect(one.rescans).toBe(10)
    expect(shown(one)).toHaveLength(43)
    expect(shown(two)).toEqual(shown(one))
  })

  it('between a lost reply and its repeat: a revision that had won, and was deleted since, does not come back', async () => {
    const { one, two, a, b } = await begin()
    one.setOnline(false)
    await history.edit(b, put('a'))
    await history.edit(b, put('a'))
    await history.level(two)
    await history.edit(a, put('a'))
    a.provider.losePushReplies = Infinity
    one.setOnline(true)
    await history.until(() => history.world.oracle.repeated > 0)
    await history.edit(b, remove('a'))
    await history.level(two)
    await history.world.finish(a.engine.rescan())
    a.provider.losePushReplies = 0
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([[], []])
    expect(told(one)).toEqual(['a: e3 here, undefined there, remote wins'])
  })
})

describe('a store restored from yesterday\'s backup', () => {
  it('gets back what happened since, while edits are under way, also from a device that comes a day later', async () => {
    const { one, two, a, b } = await begin()
    await history.edit(a, put('a'), put('b'), put('c'))
    await history.rest()
    const restore = history.world.backUp()!
    history.world.time.jump(24 * HOUR)
    await history.edit(b, put('a'), remove('b'), put('d'))
    await history.rest()
    for (const tab of [...two.tabs]) two.crash(tab)
    one.setOnline(false)
    await history.edit(a, put('c'), put('e'), remove('a'))
    await restore()
    one.setOnline(true)
    await history.level(one)
    history.world.time.jump(24 * HOUR)
    two.open()
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['items/c:e7', 'items/d:e6', 'items/e:e8'], ['items/c:e7', 'items/d:e6', 'items/e:e8']])
  })

  it('stays rid of a record that one device deleted, also where another one of its user had not heard of that', async () => {
    const [one, two] = [history.device('ann'), history.device('ann')]
    const [a, b] = [one.open(), two.open()]
    await history.rest()
    a.provider.losePushReplies = 1
    await history.edit(a, put('a'), put('b'))
    await history.until(() => shown(two).length === 2)
    two.setOnline(false)
    // Sent with a repeat of the other put: the store goes on remembering what it answered to both.
    await history.edit(a, remove('a'))
    await history.level(one)
    await history.world.backUp()!()
    two.setOnline(true)
    await history.rest()
    expect([shown(one), shown(two), b.engine.status.get().pendingCount]).toEqual([['items/b:e2'], ['items/b:e2'], 0])
  })
})
