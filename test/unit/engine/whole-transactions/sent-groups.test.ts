import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PendingOp } from 'or3-sync/client'
import { EngineHarness, until, type TodoEngine } from '../../../support/engine-harness'
import { jsonReply, pushedOps } from '../../../support/pushed-ops'
import { fastClock } from '../../../support/test-clock'

let world: EngineHarness
let ann: TodoEngine
/** The ids of the records in each push that reached the store. */
let pushes: string[][]
/** How many ops each push had that was refused on its way. */
let refused: number[]
let splits: { ops: number, parts: number }[]
/** Refuses a push on its way; undefined: lets it pass. */
let refuse: ((ops: PendingOp[], init: RequestInit | undefined) => Response | undefined) | null

const todos = (count: number, name = '', title = 'a title') => Array.from({ length: count }, (_, index) => ({ id: `${name}${String(index).padStart(5, '0')}`, title }))
const ids = (rows: { id: string }[]) => rows.map(({ id }) => id)

beforeEach(async () => {
  world = await EngineHarness.open()
  pushes = []
  refused = []
  splits = []
  refuse = null
  world.intercept = async (path, init, send) => {
    if (path !== '/push') return await send()
    const ops = pushedOps(init)
    const refusal = refuse?.(ops, init)
    ;(refusal ? refused : pushes).push((refusal ? ops.length : ops.map(({ pk }) => pk)) as never)
    return refusal ?? await send()
  }
  ann = world.device('ann', { environment: { clock: fastClock(100) } })
  ann.hooks.addAction('sync.push:action:split', ({ ops, parts }) => { splits.push({ ops, parts }) })
})
afterEach(() => world.close())

const sent = async () => {
  await ann.start()
  await until(() => ann.queue.pending(), pending => !pending.length)
}
/** The store tells its limits. */
const storeTells = async ({ ops }: { ops: number }) => {
  const { intercept } = world
  let isTold = false
  world.intercept = async (path, init, send) => {
    if (path !== '/session') return await intercept!(path, init, send)
    setTimeout(() => { isTold = true }, 20)
    return jsonReply({ ...await (await send()).json() as object, limits: { ops, bytes: 1_000_000, replacedBytes: 1_000_000 } })
  }
  await ann.start()
  await until(() => isTold)
}
const together = (...groups: string[][]) => groups.every(group => pushes.some(push => group.every(id => push.includes(id))))

describe('the rows of one transaction', () => {
  it('go in one push, and pushes end between transactions, in the order of transactions', async () => {
    const groups = Array.from({ length: 400 }, (_, index) => ids(todos(3, `${String(index).padStart(3, '0')}-`)))
    for (const group of groups) await ann.db.todos.bulkPut(group.map(id => ({ id, title: 'x' })))
    await sent()
    expect(together(...groups)).toBe(true)
    expect(pushes.flat()).toEqual(groups.flat())
    expect(splits).toEqual([])
  })

  it('of several tables and calls go in one push', async () => {
    for (let n = 0; n < 300; n++) {
      await ann.db.transaction('rw', ann.db.todos, ann.db.notes, async () => {
        await ann.db.todos.put({ id: `t${n}`, title: 'x' })
        await ann.db.notes.put({ id: `n${n}` })
      })
    }
    await sent()
    expect(together(...Array.from({ length: 300 }, (_, n) => [`t${n}`, `n${n}`]))).toBe(true)
  })

  it('go in one push also around a record that is held', async () => {
    for (let n = 0; n < 300; n++) {
      await ann.db.transaction('rw', ann.db.notes, async () => {
        await ann.db.notes.put({ id: `a${n}` })
        await ann.db.notes.put({ id: `held ${n}`, draft: true })
        await ann.db.notes.put({ id: `b${n}` })
      })
    }
    await ann.start()
    await until(() => ann.queue.pending(), pending => pending.length === 300)
    expect(together(...Array.from({ length: 300 }, (_, n) => [`a${n}`, `b${n}`]))).toBe(true)
    expect(pushes.flat()).toHaveLength(600)
  })

  it('go in one push up to 1,000 ops', async () => {
    await ann.db.todos.bulkPut(todos(10, 'before-'))
    await ann.db.todos.bulkPut(todos(1_000, 'large-'))
    await ann.db.todos.put({ id: 'after', title: 'x' })
    await sent()
    expect(pushes.map(push => push.length)).toEqual([10, 1_000, 1])
    expect(splits).toEqual([])
  })

  it('are cut above 1,000 ops, in the order of writing, and the app is told', async () => {
    await ann.db.transaction('rw', ann.db.todos, async () => {
      await ann.db.todos.put({ id: 'thread', title: 'x' })
      await ann.db.todos.bulkPut(todos(1_200))
      await ann.db.todos.update('thread', { title: 'y' })
    })
    await ann.db.todos.put({ id: 'after', title: 'x' })
    await sent()
    expect(pushes.flat()).toEqual(['thread', ...ids(todos(1_200)), 'after'])
    expect(pushes[0]).toHaveLength(500)
    expect(splits).toEqual([{ ops: 1_201, parts: 3 }])
  })

  it('go in one push up to 1 MiB of request, also when they were just written', async () => {
    await sent()
    await ann.db.todos.bulkPut(todos(4, '', 'x'.repeat(240_000)))
    await until(() => ann.queue.pending(), pending => !pending.length)
    expect(pushes).toEqual([ids(todos(4))])
    await ann.db.todos.bulkPut(todos(5, 'more-', 'x'.repeat(240_000)))
    await until(() => ann.queue.pending(), pending => !pending.length)
    expect(pushes.slice(1).flat()).toEqual(ids(todos(5, 'more-')))
    expect(splits).toEqual([{ ops: 5, parts: 3 }])
  })

  it('are cut where the store has told a lower limit', async () => {
    await storeTells({ ops: 300 })
    await ann.db.todos.bulkPut(todos(400))
    await until(() => ann.queue.pending(), pending => !pending.length)
    expect(pushes.map(push => push.length)).toEqual([300, 100])
    expect(splits).toEqual([{ ops: 400, parts: 2 }])
  })
})

describe('transactions that share an unsent record', () => {
  it('go together, with those in between', async () => {
    await ann.db.todos.put({ id: 'shared', title: 'first' })
    await ann.db.todos.bulkPut(todos(400, 'between-'))
    for (let n = 0; n < 200; n++) await ann.db.todos.put({ id: `between ${n}`, title: 'x' })
    await ann.db.transaction('rw', ann.db.todos, async () => {
      await ann.db.todos.update('shared', { title: 'second' })
      await ann.db.todos.put({ id: 'last', title: 'x' })
    })
    await ann.db.todos.put({ id: 'after', title: 'x' })
    await sent()
    expect(pushes.map(push => push.length)).toEqual([602, 1])
    expect([pushes[0]![0], pushes[0]!.at(-1)]).toEqual(['shared', 'last'])
  })

  it('are cut when they are too many, and the shared record goes with its first edit', async () => {
    await storeTells({ ops: 100 })
    await ann.stop()
    for (let n = 0; n < 120; n++) {
      await ann.db.transaction('rw', ann.db.todos, async () => {
        await ann.db.todos.put({ id: `message ${n}`, title: 'x' })
        await ann.db.todos.put({ id: 'thread', title: `${n}` })
      })
    }
    await sent()
    expect(pushes[0]!.slice(0, 2)).toEqual(['message 0', 'thread'])
    expect(pushes.flat()).toHaveLength(121)
    expect(splits).toEqual([{ ops: 121, parts: 2 }])
  })
})

describe('a transaction that is refused on its way', () => {
  it('for its size alone is cut, and the others stay whole', async () => {
    refuse = ops => ops.length > 100 ? jsonReply({ data: { code: 'OVERSIZED', message: 'too large' } }, 413) : undefined
    const groups = [ids(todos(60, 'a-')), ids(todos(60, 'b-')), ids(todos(250, 'large-')), ids(todos(60, 'c-')), ids(todos(60, 'd-'))]
    for (const group of groups) await ann.db.todos.bulkPut(group.map(id => ({ id, title: 'x' })))
    await sent()
    expect(together(...groups.filter(group => group.length < 100))).toBe(true)
    expect(pushes.flat()).toEqual(groups.flat())
    expect(splits).toHaveLength(1)
    expect(splits[0]).toMatchObject({ ops: 250 })
  })

  it.each([['a firewall', 403], ['a proxy', 413]])('by %s for one of its rows is cut until that row is found', async (_, status) => {
    refuse = ops => ops.some(({ pk }) => pk === 'b-00007') ? new Response('no', { status }) : undefined
    const groups = [ids(todos(20, 'a-')), ids(todos(20, 'b-')), ids(todos(20, 'c-'))]
    for (const group of groups) await ann.db.todos.bulkPut(group.map(id => ({ id, title: 'x' })))
    await ann.start()
    const waiting = await until(() => ann.queue.pending(), pending => pending.length === 1)
    expect(waiting).toMatchObject([{ pk: 'b-00007' }])
    expect(together(groups[0]!, groups[2]!)).toBe(true)
    expect(splits).toMatchObject([{ ops: 20 }])
  })

  it('and then by a total outage is whole again after it, but for what was cut', async () => {
    refuse = ops => ops.length > 10 ? new Response('no', { status: 413 }) : undefined
    await ann.db.todos.bulkPut(todos(30, 'a-'))
    await ann.start()
    await until(() => splits.length)
    refuse = () => new Response('gone', { status: 503 })
    const groups = Array.from({ length: 20 }, (_, index) => ids(todos(3, `${index}-`)))
    for (const group of groups) await ann.db.todos.bulkPut(group.map(id => ({ id, title: 'x' })))
    refuse = ops => ops.length > 10 ? new Response('no', { status: 413 }) : undefined
    await until(() => ann.queue.pending(), pending => !pending.length)
    expect(together(...groups)).toBe(true)
  })

  it('because the connection is too slow for it is cut after the second time', async () => {
    refuse = (ops) => {
      if (ops.length <= 40) return undefined
      refused.push(ops.length)
      throw new DOMException('the operation timed out', 'TimeoutError')
    }
    await ann.db.todos.bulkPut(todos(100))
    await sent()
    expect(refused.filter(size => size === 100)).toHaveLength(2)
    expect(pushes.flat()).toEqual(ids(todos(100)))
    expect(splits).toMatchObject([{ ops: 100 }])
  }, 20_000)
})
