import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PendingOp, PushOpResult } from 'or3-sync/client'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { listedProvider, listedTodo } from '../../support/listed-provider'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

type Answer = Record<string, unknown>
const { stamp } = listedTodo(9)
const revision = (change: Answer = {}) => ({ op: 'put', payload: { id: 'bad', title: 'x' }, serverVersion: 5, stamp, ...change })
const lost = (winner: unknown) => ({ success: true, applied: false, winner })
const replaced = (overwrote: unknown) => ({ success: true, applied: true, overwrote })
const refused = (current: unknown) => ({ success: false, errorCode: 'VALIDATION_ERROR', current })

/** A device whose provider answers `answer` for the row `bad`, and takes all others; `later` was written after that answer. */
async function answered(answer: Answer): Promise<{ ann: TodoEngine, taken: Set<string> }> {
  const taken = new Set<string>()
  const { provider } = listedProvider({
    push: async ({ ops }) => ({
      results: ops.map(({ pk, stamp: { opId } }: PendingOp) => {
        if (pk === 'bad') return { opId, ...answer } as PushOpResult
        taken.add(pk)
        return { opId, success: true, applied: true, serverVersion: 1 }
      }),
      serverVersion: 1,
    }),
  })
  const ann = world.device('ann', { provider })
  await ann.db.todos.bulkPut([{ id: 'bad', title: 'bad' }, { id: 'good', title: 'good' }])
  await ann.start()
  await until(() => taken.has('good'))
  await ann.db.todos.put({ id: 'later', title: 'later' })
  await until(async () => (await ann.queue.pending()).every(({ pk }) => pk === 'bad'))
  return { ann, taken }
}

const states = async (ann: TodoEngine) => ({ pending: (await ann.queue.pending()).map(({ pk }) => pk), failed: (await ann.queue.failed()).map(({ pk }) => pk) })

describe('B2: an answer to one op that is out of form', () => {
  it.each<[string, unknown]>([
    ['nothing', {}], ['a text', 'x'], ['without stamp', revision({ stamp: undefined })], ['stamped by a text', revision({ stamp: { ...stamp, clock: '5' } })],
    ['of no time', revision({ op: 'delete', payload: undefined, stamp: { ...stamp, hlc: '', clock: 2 ** 40 } })], ['another op', revision({ op: 'patch' })],
    ['what no database holds', revision({ payload: { id: 'bad', title: 'x', f: () => 1 } })],
  ])('the winner is %s: the others are stored, and this op is sent again', async (_, winner) => {
    const { ann, taken } = await answered(lost(winner))
    expect([...taken]).toEqual(['good', 'later'])
    expect(await states(ann)).toEqual({ pending: ['bad'], failed: [] })
    expect(await ann.db.todos.get('bad'), 'as it was written').toMatchObject({ title: 'bad', clock: 1 })
  })

  it.each<[string, Answer]>([
    ['winner null', lost(null)], ['overwrote null', replaced(null)], ['overwrote without stamp', replaced(revision({ stamp: undefined }))], ['overwrote what no database holds', replaced(revision({ payload: { f: () => 1 } }))],
    ['overwroteEarlier no list', { ...replaced(undefined), overwroteEarlier: {} }], ['overwroteEarlier of nothing', { ...replaced(undefined), overwroteEarlier: [null, {}] }], ['a winner of what was taken', { success: true, applied: true, winner: {} }],
  ])('%s: the others are stored, and so is this op', async (_, answer) => {
    const { ann } = await answered(answer)
    expect(await states(ann)).toEqual({ pending: [], failed: [] })
    expect(await ann.conflicts.list()).toEqual([])
  })

  it.each<[string, Answer]>([
    ['nothing', refused({})], ['null', refused(null)], ['without stamp', refused({ op: 'put' })], ['what no database holds', refused(revision({ payload: { id: 'bad', title: () => 1 } }))],
    ['fine, and the reason is no text', { ...refused(undefined), error: { a: 1 } }],
  ])('current is %s: the refused edit can be tried again and discarded', async (_, answer) => {
    const { ann } = await answered(answer)
    const [item] = await ann.queue.failed()
    expect(item).toMatchObject({ pk: 'bad', errorCode: 'VALIDATION_ERROR', error: expect.any(String) as string })
    await ann.queue.retry(item!.id)
    await until(() => states(ann), ({ failed }) => failed.length === 1)
    await ann.queue.discard((await ann.queue.failed())[0]!.id)
    expect(await states(ann)).toEqual({ pending: [], failed: [] })
  })

  it('current of a skewed clock is out of form: the edit is stamped anew', async () => {
    const { ann, taken } = await answered({ success: false, errorCode: 'CLOCK_SKEW', current: {} })
    expect([...taken]).toEqual(['good', 'later'])
    expect((await ann.db.table('todos').get('bad') as { clock: number }).clock).toBeGreaterThan(1)
  })
})

describe('B2: a change that no database holds', () => {
  it.each<[string, Answer]>([['beside the schema\'s fields', { id: '2', title: 'x', f: () => 1 }], ['in a field', { id: '2', title: () => 1 }]])('%s: waits in quarantine, and those after it arrive', async (_, payload) => {
    const { provider, store } = listedProvider()
    store.push(listedTodo(1), { ...listedTodo(2), payload: payload as never }, listedTodo(3))
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.whenIdle()
    expect(await ann.db.todos.orderBy('id').primaryKeys()).toEqual(['1', '3'])
    expect(ann.status.get()).toMatchObject({ state: 'idle', error: null, quarantinedCount: 1 })
  })
})

it.each([['', 'must not be empty'], ['line\nbreak', 'must not contain control characters'], ['x'.repeat(300), 'has at most 256 characters']])('a row that a provider brings under the key %j is set aside, and its neighbours are applied', async (pk, why) => {
  const { provider, store } = listedProvider()
  store.push({ ...listedTodo(1), pk, payload: { id: pk, title: 'x' } }, { ...listedTodo(2), pk, op: 'delete', payload: undefined }, listedTodo(3))
  const ann = world.device('ann', { provider })
  await ann.start()
  await ann.whenIdle()
  expect((await ann.db.todos.toArray()).map(({ id }) => id)).toEqual(['3'])
  expect(await ann.db.table('sync_quarantine').toArray()).toMatchObject([{ pk, reason: 'schema', error: expect.stringContaining(why) as string }])
})
