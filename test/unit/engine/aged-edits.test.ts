import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OutboxRecord } from '#or3-sync/core/sync/records/engine-records'
import { EngineHarness, until } from '../../support/engine-harness'
import { clockAt } from '../../support/test-clock'

const DAY_MS = 24 * 60 * 60_000

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open({ purgeAfterDays: 30 }) })
afterEach(async () => { await world.close() })

describe('F61: an edit that the store refuses for its age', () => {
  it('is an edit of now once it is retried, and is taken', async () => {
    let ago = 40 * DAY_MS
    const ann = world.device('ann', { environment: { clock: clockAt(() => Date.now() - ago) } })
    await ann.db.todos.put({ id: '1', title: 'from long ago' })
    const [before] = await ann.db.table<OutboxRecord>('pending_ops').toArray()
    ago = 0
    await ann.start()
    await until(() => ann.status.get().failedCount, count => count === 1)
    const [refused] = await ann.queue.failed()
    expect(refused).toMatchObject({ pk: '1', errorCode: 'CONFLICT' })

    await ann.queue.retry(refused!.id)
    await until(() => ann.status.get(), ({ pendingCount, failedCount }) => pendingCount + failedCount === 0)
    const { changes } = await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 })
    expect(changes).toMatchObject([{ pk: '1', payload: { title: 'from long ago' } }])
    expect(changes[0]!.stamp.hlc > before!.ops[0]!.hlc).toBe(true)
    expect(changes[0]!.stamp.opId, 'another revision needs another op id').not.toBe(before!.ops[0]!.opId)
    expect(await ann.db.todos.get('1')).toMatchObject({ hlc: changes[0]!.stamp.hlc, op_id: changes[0]!.stamp.opId, clock: changes[0]!.stamp.clock })
  })
})

describe('F61: sync.pull:action:received', () => {
  it('is silent where nothing has come, in a first sync as later', async () => {
    const counts: number[] = []
    const ann = world.device('ann')
    ann.hooks.addAction('sync.pull:action:received', ({ changeCount }) => void counts.push(changeCount))
    await ann.start()
    await ann.whenIdle()
    await ann.rescan()
    await ann.whenIdle()
    expect(counts).toEqual([])
    const bob = world.device('bob')
    await bob.start()
    await bob.db.todos.put({ id: '1', title: 'x' })
    await until(() => counts.length > 0)
    expect(counts).toEqual([1])
  })
})
