import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { jsonReply } from '../../support/pushed-ops'
import { stoppedClock } from '../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

interface Page { ann: TodoEngine, wake: () => void, hide: () => void }

/** A device on whose clock no waiting time ends, whose row `shared` others have, too. */
async function openPage(): Promise<Page> {
  let [wake, hide] = [() => {}, () => {}]
  const keep = (set: (callback: () => void) => void) => (callback: () => void) => {
    set(callback)
    return () => {}
  }
  const ann = world.device('ann', { environment: { clock: stoppedClock(), onWake: keep((callback) => { wake = callback }), onHide: keep((callback) => { hide = callback }) } })
  await ann.start()
  await ann.db.todos.put({ id: 'shared', title: 'of all' })
  await until(() => ann.queue.pending(), items => items.length === 0)
  await until(() => ann.status.get().state, state => state === 'idle')
  return { ann, wake: () => wake(), hide: () => hide() }
}

/** Refuses every push; counts those of ann. */
function refuse(status: number, code: string, headers: Record<string, string> = {}): { pushes: number } {
  const counts = { pushes: 0 }
  world.intercept = async (path, init, send) => {
    if (path !== '/push' || !isAnns(init)) return await send()
    counts.pushes++
    return jsonReply({ data: { code, message: 'later' } }, status, headers)
  }
  return counts
}

const isAnns = (init: RequestInit | undefined) => !String(init?.body).includes('from bob')

async function bobEdits(...titles: [id: string, title: string][]): Promise<void> {
  const bob = world.device('bob')
  await bob.start()
  await bob.whenIdle()
  await bob.db.todos.bulkPut(titles.map(([id, title]) => ({ id, title })))
  await until(() => bob.queue.pending(), items => items.length === 0)
}

/** No timer runs on that clock: a stream that ends would not come back. */
async function streamBeginsAnew({ ann }: Page): Promise<void> {
  const connected = new Promise<void>((resolve) => {
    ann.hooks.addAction('sync.subscription:action:statusChange', ({ status }) => { if (status === 'connected') resolve() })
  })
  await ann.rescan()
  await connected
}

/** Whatever a timer, a page or a message would set off has had the time for it. */
const aWhile = () => new Promise(resolve => setTimeout(resolve, 300))

describe('a push that waits for its next try', () => {
  it.each([[429, 'RATE_LIMITED'], [503, 'SERVER_ERROR']])('F33: is not sent sooner because others edit its record (%i), and their other rows arrive', async (status, code) => {
    const { ann } = await openPage()
    const counts = refuse(status, code, { 'retry-after': '30' })
    await ann.db.todos.put({ id: 'shared', title: 'from ann' })
    await until(() => counts.pushes === 1)
    for (let round = 0; round < 3; round++) await bobEdits(['shared', `from bob ${round}`], [`other${round}`, 'from bob'])
    await until(() => ann.db.todos.get('other2'))
    await aWhile()
    expect(counts.pushes).toBe(1)
    expect(ann.status.get()).toMatchObject({ state: 'error', error: { code } })
  })

  it('F33: whose refusal says that it was not taken keeps nobody\'s edit of its record back', async () => {
    const { ann } = await openPage()
    const counts = refuse(429, 'RATE_LIMITED', { 'retry-after': '30' })
    await ann.db.todos.put({ id: 'shared', title: 'from ann' })
    await until(() => counts.pushes === 1)
    await bobEdits(['shared', 'from bob'], ['other', 'from bob'])
    await until(() => ann.db.todos.get('other'))
    const [conflict] = await until(() => ann.conflicts.list(), list => list.length === 1)
    expect([conflict!.local.row?.title, conflict!.remote.row?.title].sort()).toEqual(['from ann', 'from bob'])
  })

  it('F33: that may have arrived lets the others\' edit of its record wait for its answer, and that alone', async () => {
    const { ann } = await openPage()
    let pushes = 0
    world.intercept = async (path, init, send) => {
      if (path !== '/push' || !isAnns(init)) return await send()
      const reply = await send()
      if (++pushes > 1) return reply
      throw new TypeError('the reply is lost')
    }
    await ann.db.todos.put({ id: 'shared', title: 'from ann' })
    await until(() => pushes === 1)
    await bobEdits(['shared', 'from bob, upon it'], ['other', 'from bob'])
    await until(() => ann.db.todos.get('other'))
    expect((await ann.db.todos.get('shared'))?.title).toBe('from ann')
    await ann.flush()
    await until(() => ann.db.todos.get('shared'), row => row?.title === 'from bob, upon it')
    expect([await ann.conflicts.list(), pushes]).toEqual([[], 2])
  })

  it.each<[string, (page: Page) => unknown]>([
    ['a new edit', async ({ ann }) => { await ann.db.todos.put({ id: 'new', title: 'from ann' }) }],
    ['a page that is hidden', ({ hide }) => { hide() }],
    ['a stream that begins anew', streamBeginsAnew],
  ])('F33: is not sent before its Retry-After because of %s', async (_, happens) => {
    const page = await openPage()
    const counts = refuse(429, 'RATE_LIMITED', { 'retry-after': '30' })
    await page.ann.db.todos.put({ id: 'shared', title: 'from ann' })
    await until(() => page.ann.status.get().error?.code, code => code === 'RATE_LIMITED')
    await happens(page)
    await aWhile()
    expect(counts.pushes).toBe(1)
  })

  it('F33: is not sent before its back-off from a failing store because of a stream that begins anew', async () => {
    const page = await openPage()
    const { ann } = page
    const counts = refuse(500, 'SERVER_ERROR')
    await ann.db.todos.put({ id: 'shared', title: 'from ann' })
    await until(() => ann.status.get().error?.code, code => code === 'SERVER_ERROR')
    await streamBeginsAnew(page)
    await aWhile()
    expect(counts.pushes).toBe(1)
  })

  it.each<[string, (page: Page) => unknown]>([['flush()', ({ ann }) => ann.flush()], ['a page that comes back', ({ wake }) => { wake() }]])('is sent at once by %s', async (_, happens) => {
    const page = await openPage()
    const counts = refuse(429, 'RATE_LIMITED', { 'retry-after': '30' })
    await page.ann.db.todos.put({ id: 'shared', title: 'from ann' })
    await until(() => page.ann.status.get().error?.code, code => code === 'RATE_LIMITED')
    await happens(page)
    await until(() => counts.pushes === 2)
  })
})

describe('a store that fails', () => {
  it('F34: is no reason to say "offline"; while the breaker is open nothing is sent, nothing is said to be sent, and no attempt is counted', async () => {
    let now = Date.now()
    const timers = new Set<() => void>()
    const clock = {
      now: () => now,
      setTimeout(run: () => void) {
        timers.add(run)
        return run
      },
      clearTimeout: (handle: unknown) => void timers.delete(handle as () => void),
    }
    const ann = world.device('ann', { environment: { clock } })
    await ann.start()
    await until(() => ann.status.get().state, state => state === 'idle')
    const counts = refuse(500, 'SERVER_ERROR')
    const said = { before: 0, retries: [] as number[] }
    ann.hooks.addAction('sync.push:action:before', () => { said.before++ })
    ann.hooks.addAction('sync.retry:action', ({ nextAttemptAt }) => { said.retries.push(nextAttemptAt - now) })
    const states = new Set<string>()
    ann.status.subscribe(({ state }) => states.add(state))
    await ann.db.todos.put({ id: '1', title: 'x' })
    /** Whatever waits is due. */
    const goOn = async (ms: number) => {
      now += ms
      for (const run of [...timers]) {
        timers.delete(run)
        run()
      }
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    // After the third the device asks with an empty push whether it is the batch; that one fails, too.
    for (let attempt = 1; attempt <= 4; attempt++) {
      await until(() => said.retries.length === attempt)
      if (attempt < 4) await goOn(20_000)
    }
    expect(said.retries[3], 'what is said of the next try is so').toBe(30_000)
    for (let second = 0; second < 29; second++) await goOn(1_000)
    await ann.db.todos.put({ id: '2', title: 'x' })
    expect([counts.pushes, said.before, said.retries.length, (await ann.queue.pending())[0]!.attempts]).toEqual([5, 4, 4, 4])
    expect(ann.status.get()).toMatchObject({ state: 'error', error: { code: 'SERVER_ERROR' } })
    expect(states.has('offline')).toBe(false)
    await goOn(2_000)
    await until(() => counts.pushes === 6)
    expect(said.before).toBe(5)
  })

  it('F34: is not pulled from while its breaker is open, either', async () => {
    let pulls = 0
    const errors: string[] = []
    world.intercept = async (path, _, send) => path === '/pull' ? (pulls++, jsonReply({ data: { code: 'SERVER_ERROR', message: 'down' } }, 500)) : await send()
    let due: () => void = () => {}
    let now = Date.now()
    const setDue = (run: () => void, ms: number) => { if (ms > 100) due = run }
    const ann = world.device('ann', { environment: { clock: { now: () => now, setTimeout: setDue, clearTimeout: () => {} } } })
    ann.hooks.addAction('sync.pull:action:error', () => { errors.push(ann.status.get().state) })
    await ann.start()
    for (let attempt = 1; attempt < 5; attempt++) {
      await until(() => errors.length === attempt)
      await aWhile()
      now += 20_000
      due()
    }
    await until(() => errors.length === 5)
    await aWhile()
    expect([pulls, ann.status.get().state]).toEqual([5, 'error'])
  })

  it('F34: that cannot be reached at all is "offline"', async () => {
    const { ann } = await openPage()
    world.intercept = async () => { throw new TypeError('fetch failed') }
    await ann.db.todos.put({ id: '1', title: 'x' })
    await until(() => ann.status.get().state, state => state === 'offline')
  })
})
