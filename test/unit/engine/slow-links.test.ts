import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncError } from 'or3-sync/client'
import { isTimeout } from '#or3-sync/core/sync/transport/is-timeout'
import { LINK_SIZE, RequestSize } from '#or3-sync/core/sync/transport/request-size'
import { EngineHarness, until } from '../../support/engine-harness'
import { fastClock } from '../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** What the link carries within a request's time, in bytes. */
const CARRIES = 100_000
const ROWS = 50
const timeOut = () => { throw new DOMException('the operation timed out', 'TimeoutError') }
const rows = (count = ROWS, bytes = 9_000) => Array.from({ length: count }, (_, n) => ({ id: String(n).padStart(3, '0'), title: randomBytes(bytes / 2).toString('hex') }))
const sizeOf = (body: unknown) => typeof body === 'string' ? body.length : body === undefined ? 0 : (body as ArrayBuffer).byteLength
const fast = (indexedDB?: IDBFactory) => world.device('ann', { indexedDB, environment: { clock: fastClock(200) } })

describe('B1: a slow link, on which large requests get no answer in time', () => {
  it('what waits leaves in smaller pushes', async () => {
    world.intercept = async (path, init, send) => path === '/push' && sizeOf(init?.body) > CARRIES ? timeOut() : await send()
    const ann = fast()
    await ann.db.todos.bulkPut(rows())
    await ann.start()
    await until(async () => (await ann.queue.pending()).length, count => count === 0)
  }, 20_000)

  it('a single edit that is too large waits aside, and the others leave', async () => {
    world.intercept = async (path, init, send) => path === '/push' && sizeOf(init?.body) > CARRIES ? timeOut() : await send()
    const ann = fast()
    await ann.db.todos.bulkPut([...rows(1, 240_000), ...rows(4).map(row => ({ ...row, id: `small ${row.id}` }))])
    await ann.start()
    const left = await until(() => ann.queue.pending(), pending => pending.length === 1)
    expect(left[0]!.pk).toBe('000')
    // The link has got better.
    world.intercept = null
    await ann.flush()
    await until(async () => (await ann.queue.pending()).length, count => count === 0)
  }, 20_000)

  it.each(['a first sync', 'a backlog'])('%s arrives in smaller pages', async (kind) => {
    const first = fast()
    if (kind === 'a backlog') {
      await first.start()
      await first.whenIdle()
      await first.stop()
    }
    const bob = world.device('bob')
    await bob.start()
    await bob.db.todos.bulkPut(rows())
    await bob.whenIdle()
    await bob.stop()
    world.intercept = async (path, _, send) => {
      if (path === '/subscribe') return timeOut()
      const answer = await send()
      return path === '/pull' && (await answer.clone().arrayBuffer()).byteLength > CARRIES ? timeOut() : answer
    }
    const ann = fast(first.indexedDB)
    await ann.start()
    await until(() => ann.db.todos.count(), count => count === ROWS)
  }, 20_000)

  it('a network that is gone makes nothing smaller', async () => {
    const ann = fast()
    await ann.start()
    await ann.whenIdle()
    world.offline = true
    let failed = 0
    ann.hooks.addAction('sync.push:action:after', ({ failCount }) => { if (failCount) failed++ })
    await ann.db.todos.bulkPut(rows(20, 10))
    await until(() => failed, count => count >= 4)
    world.offline = false
    const sent: number[] = []
    ann.hooks.addAction('sync.push:action:before', ({ count }) => { sent.push(count) })
    await ann.flush()
    expect(sent).toEqual([20])
  })

  it.each<[string, unknown, boolean]>([
    ['a time-out', new DOMException('x', 'TimeoutError'), true],
    ['one that somebody else reports', new SyncError('NETWORK_ERROR', 'x', { cause: new DOMException('x', 'TimeoutError') }), true],
    ['a body that did not arrive', new SyncError('NETWORK_ERROR', 'x', { status: 408 }), true],
    ['a proxy that waited in vain', new SyncError('SERVER_ERROR', 'x', { status: 504 }), true],
    ['no network', new SyncError('NETWORK_ERROR', 'x', { cause: new TypeError('Failed to fetch') }), false],
    ['a stop', new DOMException('x', 'AbortError'), false],
    ['a store in trouble', new SyncError('SERVER_ERROR', 'x', { status: 503 }), false],
    ['nothing', null, false],
  ])('tells what was late from what failed: %s', (_, error, expected) => {
    expect(isTimeout(error)).toBe(expected)
  })
})

/** Sends `units` over a link that carries `limit` in time. @returns how many requests it took, and how many were too late. */
function send(size: RequestSize, units: number, limit: number): { requests: number, late: number } {
  const counts = { requests: 0, late: 0 }
  for (let left = units; left > 0;) {
    counts.requests++
    const count = Math.min(left, size.max)
    if (count > limit) {
      counts.late++
      size.tooMuch(count)
      continue
    }
    left -= count
    size.passed(count, left > 0)
  }
  return counts
}

describe('B1: the size of requests', () => {
  it('is halved down to 1', () => {
    const size = new RequestSize({ max: 500, ...LINK_SIZE })
    for (let n = 0; n < 12; n++) size.tooMuch(size.max)
    expect(size.max).toBe(1)
  })

  it('comes to use at least half of what the link carries, and wastes few requests, whatever it carries', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), (limit) => {
      const size = new RequestSize({ max: 500, ...LINK_SIZE })
      send(size, 100 * limit, limit)
      const { requests, late } = send(size, 400 * limit, limit)
      expect(requests - late).toBeLessThanOrEqual(801)
      expect(late / requests).toBeLessThan(0.05)
    }))
  })

  it('is what it was soon after the link has got better', () => {
    const size = new RequestSize({ max: 500, ...LINK_SIZE })
    send(size, 20_000, 3)
    expect(size.max).toBeLessThanOrEqual(6)
    send(size, 5_000, 500)
    expect(size.max).toBe(500)
  })

  it('wastes few requests on a link that carries a full one only every other time', () => {
    const size = new RequestSize({ max: 100, ...LINK_SIZE })
    let [fulls, late] = [0, 0]
    for (let n = 0; n < 2_000; n++) {
      if (size.max < 100 || ++fulls % 2) size.passed(size.max, true)
      else {
        size.tooMuch(size.max)
        late++
      }
    }
    expect(late).toBeLessThan(20)
  })

  it('learns nothing from requests that were not full', () => {
    const size = new RequestSize({ max: 500, ...LINK_SIZE })
    size.tooMuch(500)
    for (let n = 0; n < 10; n++) size.passed(250, false)
    expect(size.max).toBe(250)
  })
})
