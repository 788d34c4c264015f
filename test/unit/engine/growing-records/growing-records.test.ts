import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until } from '../../../support/engine-harness'
import { followGrowing, todoAt } from '../../../support/growing-store'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** A device to which two changes of the record `r` have come, one right after the other. The second waits. */
async function withOneWaiting(environment?: Parameters<typeof followGrowing>[1]) {
  const following = await followGrowing(world, environment)
  await following.change('r')
  await following.change('r')
  expect(await following.shown('r')).toBe('r1')
  return following
}

describe('a record that changes 20 times a second', () => {
  it('is written about ten times a second, and each value is shown within 100 ms', async () => {
    const { clock, reader, written, change, pass, shown, latest } = await followGrowing(world)
    const appliedAt: number[] = []
    reader.hooks.addAction('sync.pull:action:applied', () => { appliedAt.push(clock.now()) })
    const began = clock.now()
    const changedAt: number[] = []
    const before = written.count
    for (let n = 0; n < 40; n++) {
      changedAt.push(clock.now())
      await change('r')
      await pass(50)
    }
    await pass(50)
    expect(await shown('r')).toBe(latest('r'))
    const late = changedAt.filter(at => !appliedAt.some(applied => applied >= at && applied <= at + 100))
    expect(late).toEqual([])
    for (const second of [0, 1]) expect(appliedAt.filter(at => Math.floor((at - began) / 1_000) === second).length).toBeLessThanOrEqual(11)
    expect(written.count - before).toBeLessThanOrEqual(22)
    expect(appliedAt.length).toBeGreaterThanOrEqual(18)
  })

  it('waits no longer because more and more comes', async () => {
    const { change, pass, shown } = await withOneWaiting()
    for (let n = 0; n < 9; n++) {
      await pass(10)
      await change('r')
    }
    expect(await shown('r')).toBe('r1')
    await pass(10)
    expect(await shown('r')).toBe('r11')
  })

  it('leaves cursor and `consistent` where they are while a change waits, and tells the stream to go on', async () => {
    const { reader, options, pass } = await withOneWaiting()
    expect(reader.status.get()).toMatchObject({ cursor: 1, consistent: true, state: 'syncing' })
    expect(options().cursor()).toBe(2)
    await pass(100)
    expect(reader.status.get()).toMatchObject({ cursor: 2, consistent: true, state: 'idle' })
  })

  it('beside another such record is written together with it', async () => {
    const { written, change, pass, shown, latest } = await followGrowing(world)
    await change('r')
    await change('s')
    const before = written.count
    for (let n = 0; n < 20; n++) {
      await change(n % 2 ? 'r' : 's')
      await pass(25)
    }
    await pass(100)
    expect(written.count - before).toBeLessThanOrEqual(7)
    expect([await shown('r'), await shown('s')]).toEqual([latest('r'), latest('s')])
  })

  it('is not written earlier because pages without changes come between', async () => {
    const { listed, shown, pass, store } = await withOneWaiting()
    await listed.live()!([], { from: 2, nextCursor: 3 })
    store.push(todoAt(3, 'other'))
    expect(await shown('r')).toBe('r1')
    await pass(100)
    expect(await shown('r')).toBe('r2')
  })
})

describe('what must not wait', () => {
  it('changes of one record after the other are each applied at once', async () => {
    const { change, shown } = await followGrowing(world)
    for (const pk of ['a', 'b', 'c', 'd']) {
      await change(pk)
      expect(await shown(pk)).toMatch(pk)
    }
  })

  it('a change of another record is applied at once, together with what waits', async () => {
    const { written, change, shown } = await withOneWaiting()
    const before = written.count
    await change('s')
    expect([await shown('r'), await shown('s'), written.count - before]).toEqual(['r2', 's3', 1])
  })

  it('a page with a growing record and another one is applied at once', async () => {
    const { change, shown } = await withOneWaiting()
    await change('r', 's')
    expect([await shown('r'), await shown('s')]).toEqual(['r3', 's4'])
  })

  it('a change that comes 100 ms after the last one is applied at once', async () => {
    const { change, pass, shown } = await followGrowing(world)
    await change('r')
    await pass(100)
    await change('r')
    expect(await shown('r')).toBe('r2')
  })

  it('a change is applied at once after the device\'s clock was set back', async () => {
    const { clock, change, shown } = await followGrowing(world)
    await change('r')
    clock.sleep(-3_600_000)
    await change('r')
    expect(await shown('r')).toBe('r2')
  })

  it('more than 4 MiB that wait are applied at once', async () => {
    const { listed, store, shown } = await followGrowing(world)
    const handOver = async (text: string) => {
      const version = store.length + 1
      store.push(todoAt(version, 'r', text))
      await listed.live()!([store.at(-1)!], { from: version - 1, nextCursor: version })
    }
    await handOver('short')
    for (const letter of ['a', 'b', 'c']) await handOver(letter.repeat(1024 * 1024))
    expect(await shown('r')).toBe('short')
    await handOver('d'.repeat(1024 * 1024))
    expect((await shown('r'))?.[0]).toBe('d')
  })

  it('the rest of a level step is not waited for by what came before it', async () => {
    const { listed, store, shown } = await withOneWaiting()
    store.push(todoAt(3, 'r'))
    await listed.live()!([store[2]!], { from: 2, nextCursor: 3, hasMore: true })
    expect(await shown('r')).toBe('r2')
  })

  it('what waits is applied before a gap behind it is fetched', async () => {
    const { listed, network, store, shown } = await withOneWaiting()
    network.isAway = true
    store.push(todoAt(3, 's'), todoAt(4, 'r'))
    await listed.live()!([store[3]!], { from: 3, nextCursor: 4 })
    expect(await shown('r')).toBe('r2')
  })

  it('changes without a place in the feed are applied at once, after what waits', async () => {
    const { listed, shown } = await withOneWaiting()
    await listed.live()!([todoAt(3, 'r')])
    expect(await shown('r')).toBe('r3')
  })

  it('a page that changes nothing is taken at once', async () => {
    const { listed, change, reader } = await followGrowing(world)
    await change('r')
    await listed.live()!([], { from: 1, nextCursor: 2 })
    expect(reader.status.get().cursor).toBe(2)
  })
})

describe('a writer who waits until each change is seen', () => {
  /** Makes changes, each 10 ms after the one before was seen. @returns how long each took until it was seen, in milliseconds */
  async function oneByOne({ change, shown, latest, pass, clock }: Awaited<ReturnType<typeof followGrowing>>, count: number): Promise<number[]> {
    const delays: number[] = []
    for (let n = 0; n < count; n++) {
      const at = clock.now()
      await change('r')
      while (await shown('r') !== latest('r')) await pass(10)
      delays.push(clock.now() - at)
      await pass(10)
    }
    return delays
  }

  it('waits three times, and then no more: waiting has brought nothing', async () => {
    const following = await followGrowing(world)
    await following.change('r')
    expect(await oneByOne(following, 10)).toEqual([100, 90, 90, 0, 0, 0, 0, 0, 0, 0])
  })

  it('who is followed by one who does not is noticed after five seconds', async () => {
    const following = await followGrowing(world)
    await following.change('r')
    await oneByOne(following, 4)
    const { written, change, pass } = following
    for (let n = 0; n < 55; n++) {
      await change('r')
      await pass(90)
    }
    const before = written.count
    for (let n = 0; n < 20; n++) {
      await change('r')
      await pass(50)
    }
    expect(written.count - before).toBeLessThanOrEqual(13)
  })
})

describe('who asks for what has come', () => {
  it('by `flush` is shown it at once', async () => {
    const { reader, shown } = await withOneWaiting()
    await reader.flush()
    expect(await shown('r')).toBe('r2')
  })

  it('by `whenIdle` is shown it at once', async () => {
    const { reader, shown } = await withOneWaiting()
    await reader.whenIdle()
    expect(await shown('r')).toBe('r2')
  })

  it('by `whenCaughtUp` is shown it at once, although the store does not answer', async () => {
    const { reader, clock, network, shown } = await withOneWaiting()
    const { pulls } = network
    network.isAway = true
    void reader.whenCaughtUp().catch(() => {})
    await until(() => {
      clock.advance(0)
      return network.pulls > pulls
    })
    await until(() => shown('r'), title => title === 'r2')
  })

  it('by a pull that is under way does not wait: pages are applied when they come', async () => {
    const { reader, clock, network, change, shown } = await followGrowing(world)
    await change('r')
    const { pulls } = network
    network.isAway = true
    void reader.whenCaughtUp().catch(() => {})
    await until(() => {
      clock.advance(0)
      return network.pulls > pulls
    })
    await change('r')
    expect(await shown('r')).toBe('r2')
  })

  it('by an edit that loses to it is shown it at once, although the store does not answer a pull', async () => {
    const { reader, clock, listed, network, store, change, shown } = await followGrowing(world)
    await change('r')
    const { stamp, ...second } = todoAt(2, 'r')
    store.push({ ...second, stamp: { ...stamp, clock: 9 } })
    await listed.live()!([store[1]!], { from: 1, nextCursor: 2 })
    expect(await shown('r')).toBe('r1')
    network.isAway = true
    listed.provider.push = async ({ ops }) => ({
      results: ops.map(({ stamp: { opId } }) => ({ opId, success: true, applied: false, winner: store[1]! })), serverVersion: 2,
    })
    await reader.db.todos.put({ id: 'r', title: 'mine' })
    await until(async () => {
      clock.advance(0)
      return [await shown('r'), (await reader.queue.pending()).length]
    }, ([title, waiting]) => title === 'r2' && waiting === 0)
    expect(await reader.conflicts.list()).toMatchObject([{ winner: 'remote', local: { row: { title: 'mine' } } }])
  })

  it('meets an own edit that is under way once it is answered, and is one conflict, however many were joined', async () => {
    const { reader, clock, listed, store, change, shown, pass } = await followGrowing(world)
    for (let n = 0; n < 3; n++) await change('r')
    expect(await shown('r')).toBe('r1')
    let answer: (() => void) | undefined
    listed.provider.push = async ({ ops }) => await new Promise((resolve) => {
      answer = () => resolve({ results: ops.map(({ stamp: { opId } }) => ({ opId, success: true, applied: false, winner: store.at(-1)! })), serverVersion: store.length })
    })
    await reader.db.todos.put({ id: 'r', title: 'mine' })
    await pass(100)
    await change('r')
    await pass(100)
    expect([await shown('r'), reader.status.get().cursor]).toEqual(['mine', 4])
    await until(() => {
      clock.advance(0)
      return answer
    }, given => given !== undefined)
    answer!()
    await until(async () => (await reader.queue.pending()).length, waiting => waiting === 0)
    expect(await shown('r')).toBe('r4')
    expect(await reader.conflicts.list()).toMatchObject([{ winner: 'remote', local: { row: { title: 'mine' } } }])
  })

  it('by hiding the page has it in the database', async () => {
    let hide = () => {}
    const { shown } = await withOneWaiting({ onHide: (callback) => { hide = callback; return () => {} } })
    hide()
    await until(() => shown('r'), title => title === 'r2')
  })

  it('in another tab, while this page is hidden, does not wait for its slow timers', async () => {
    const { change, shown } = await followGrowing(world, { isHidden: () => true })
    for (const title of ['r1', 'r2', 'r3']) {
      await change('r')
      expect(await shown('r')).toBe(title)
    }
  })
})

describe('the end of a subscription', () => {
  it('by `stop` applies what waits, and a new start goes on there', async () => {
    const { reader, change, shown } = await withOneWaiting()
    await reader.stop()
    expect(await shown('r')).toBe('r2')
    expect(await reader.db.table('sync_state').get('cursor')).toMatchObject({ cursor: 2 })
    await reader.start()
    await until(() => reader.status.get().state, state => state === 'idle')
    await change('r')
    expect(await shown('r')).toBe('r3')
  })

  it('by a lost connection applies what waits, although the store cannot be reached', async () => {
    const { network, options, shown } = await withOneWaiting()
    network.isAway = true
    options().onStatus('disconnected')
    await until(() => shown('r'), title => title === 'r2')
  })

  it('by a rescan applies what waits', async () => {
    const { reader, network, shown } = await withOneWaiting()
    network.isAway = true
    await reader.rescan()
    await until(() => shown('r'), title => title === 'r2')
  })

  it('by a long sleep of the page drops what waits: the feed brings it again', async () => {
    const { reader, clock, pass, shown } = await withOneWaiting()
    let applied = 0
    reader.hooks.addAction('sync.pull:action:applied', () => { applied++ })
    clock.sleep(2 * 3_600_000)
    let cursorBefore = -1
    reader.hooks.addAction('sync.pull:action:received', () => { cursorBefore = reader.status.get().cursor })
    await pass(0)
    await until(async () => {
      clock.advance(0)
      return await shown('r')
    }, title => title === 'r2')
    expect([applied, cursorBefore]).toEqual([1, 1])
  })
})
