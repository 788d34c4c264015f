import { beforeEach, describe, expect, it } from 'vitest'
import type { OpOptions } from '../../src/testing/contract/make-op'
import { erase, gc, pull, push, updateDeviceCursor, watchChanges } from './support/deployment/sync'
import { countCost, QUARTER } from './support/count-cost'
import type { Cost } from './support/count-cost'
import { openDeployment } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'
import { wireOp } from './support/wire-op'

/** An edit of a row of about 300 bytes. */
const edit = (index: number, options: OpOptions = {}) =>
  wireOp({ pk: `row-${index}`, payload: { id: `row-${index}`, title: 'x'.repeat(260) }, ...options })
const hundred = (options: OpOptions = {}) => Array.from({ length: 100 }, (_, index) => edit(index, options))

describe('the cost of a call, counted', () => {
  let deployment: TestDeployment
  beforeEach(async () => { deployment = await openDeployment() })

  const push100 = (ops: ReturnType<typeof hundred>, who = 'ada') => countCost<{ applied: number }>(deployment, who, push, { workspaceId: 'w1', ops })
  const expectBelow = (cost: Cost, bound: Cost) => {
    for (const unit of Object.keys(bound) as (keyof Cost)[]) expect(cost[unit], unit).toBeLessThan(bound[unit])
  }

  it('of 100 new rows: one range a row, the member, the counter and whether it was erased, the writer and the writers before it, and the store\'s name', async () => {
    const { cost, result } = await push100(hundred())
    expect(result.applied).toBe(100)
    expect(cost).toMatchObject({ indexRanges: 106, documentsRead: 3, documentsWritten: 203 })
    expectBelow(cost, { ...QUARTER, bytesRead: 1_000, bytesWritten: 100_000 })
  })

  it('of 100 edits: no payload is read to compare revisions', async () => {
    await push100(hundred())
    const { cost, result } = await push100(hundred({ clock: 2 }))
    expect(result.applied).toBe(100)
    // 100 slim rows, the member, the counter, the writer and its memory; and what is replaced: the same but the member, and 100 payloads.
    expect(cost).toMatchObject({ indexRanges: 104, documentsRead: 307, documentsWritten: 203 })
    expectBelow(cost, { ...QUARTER, bytesRead: 160_000, bytesWritten: 100_000 })
  })

  it('of 100 edits that meet the edits of another device', async () => {
    await push100(hundred({ device: 'device-2' }), 'bob')
    const { cost } = await push100(hundred({ clock: 2, base: null, payload: undefined }))
    expectBelow(cost, QUARTER)
    expect(cost).toMatchObject({ indexRanges: 204, documentsRead: 404, documentsWritten: 203 })
  })

  it('of 100 edits of a table that another one follows', async () => {
    const tasks = (clock: number) => hundred({ table: 'tasks', clock }).map(op => ({ ...op, payload: JSON.stringify({ id: op.pk, title: 'short' }) }))
    await push100(tasks(1))
    const { cost, result } = await push100(tasks(2))
    expect(result.applied).toBe(100)
    expect(cost).toMatchObject({ indexRanges: 204, documentsRead: 507, documentsWritten: 303 })
    expectBelow(cost, QUARTER)
  })

  it('of 500 ops, the most of one batch: new rows, edits, and edits that conflict in a table that another one follows', { timeout: 30_000 }, async () => {
    const ops = (clock: number, options: OpOptions = {}) => Array.from({ length: 500 }, (_, index) =>
      wireOp({ table: 'tasks', pk: `row-${index}`, clock, payload: { id: `row-${index}`, title: 'short', picture: { $bytes: 'A'.repeat(260) } }, ...options }))
    // Of everything else a batch takes less than a quarter. What of 4,096 ranges it leaves is for `authorize`, the app's own function.
    const bound: Cost = { ...QUARTER, indexRanges: 1_600 }
    const expectBatch = async (batch: ReturnType<typeof ops>, expected: Partial<Cost>, who = 'ada') => {
      const { cost, result } = await push100(batch, who)
      expect(result.applied).toBe(500)
      expect(cost).toMatchObject(expected)
      expectBelow(cost, bound)
    }
    await expectBatch(ops(1), { indexRanges: 1_006, documentsRead: 3, documentsWritten: 1_503 }, 'bob')
    await expectBatch(ops(2), { indexRanges: 1_004, documentsRead: 2_507, documentsWritten: 1_503 }, 'bob')
    await expectBatch(ops(3, { base: null, device: 'device-2' }), { indexRanges: 1_504, documentsRead: 3_004, documentsWritten: 1_503 })
    await expectBatch(ops(4, { table: 'todos' }), { indexRanges: 504, documentsRead: 5, documentsWritten: 1_003 })
    await expectBatch(ops(5, { table: 'todos' }), { indexRanges: 504, documentsRead: 1_507, documentsWritten: 1_003 })
  })

  it('of the dearest batches that are taken', async () => {
    // Conflicts over rows as large as a batch may meet, from a device whose memory is nearly full already, in a table that another one follows.
    const large = (clock: number, size: number, options: OpOptions = {}) => Array.from({ length: 8 }, (_, index) =>
      wireOp({ table: 'tasks', pk: `row-${index}`, clock, payload: { id: `row-${index}`, title: 'short', picture: { $bytes: 'A'.repeat(size) } }, ...options }))
    await push100(large(1, 62_000, { device: 'device-2' }), 'bob')
    const mine = large(2, 4, { base: null })
    await push100(mine)
    await push100(large(3, 62_000, { device: 'device-2' }), 'bob')
    const { cost, result } = await push100(large(4, 100_000, { base: { clock: 2, hlc: mine[0]!.stamp.hlc } }))
    expect(result.applied).toBe(8)
    expect(cost.bytesRead).toBeGreaterThan(2_500_000)
    expect(cost.bytesWritten).toBeGreaterThan(1_500_000)
    expectBelow(cost, QUARTER)
  })

  it('of a push that is repeated: it reads, and writes nothing', async () => {
    const ops = hundred()
    await push100(ops)
    const { cost } = await push100(ops)
    expect(cost).toMatchObject({ indexRanges: 104, documentsRead: 104, documentsWritten: 0 })
  })

  it('of the fullest page: as many rows as it has, and two more', async () => {
    for (let start = 0; start < 600; start += 100) {
      await push100(Array.from({ length: 100 }, (_, index) => edit(start + index, { payload: { id: `row-${start + index}`, title: 'x'.repeat(3_500) } })))
    }
    const { cost, result } = await countCost<{ changes: unknown[] }>(deployment, 'ada', pull, { workspaceId: 'w1', cursor: 0, limit: 2_000 })
    expect(result.changes).toHaveLength(500)
    expect(cost).toMatchObject({ indexRanges: 504, documentsRead: 1_004, documentsWritten: 0 })
    expectBelow(cost, QUARTER)
  })

  it('of what every device does all the time', async () => {
    await push100(hundred())
    const watch = await countCost(deployment, 'ada', watchChanges, { workspaceId: 'w1' })
    expect(watch.cost).toMatchObject({ indexRanges: 3, documentsRead: 3, documentsWritten: 0 })
    expectBelow(watch.cost, { ...QUARTER, bytesRead: 600 })
    const cursor = await countCost(deployment, 'ada', updateDeviceCursor, { workspaceId: 'w1', deviceId: 'device-1', version: 100 })
    expect(cursor.cost).toMatchObject({ indexRanges: 3, documentsRead: 2, documentsWritten: 1 })
  })

  it('of the dearest runs of an erasure', async () => {
    const tasks = (count: number, payload: object) => Array.from({ length: count }, (_, index) => wireOp({ table: 'tasks', pk: `row-${index}`, payload: { id: `row-${index}`, title: 'short', ...payload } }))
    await push100(tasks(100, {}))
    const { cost: many, result } = await countCost<{ records: number }>(deployment, 'ada', erase, { workspaceId: 'w1', once: true })
    expect(result.records).toBe(100)
    expectBelow(many, QUARTER)
    deployment = await openDeployment()
    for (const op of tasks(8, { picture: { $bytes: 'A'.repeat(250_000) } })) await push100([op])
    const { cost: large } = await countCost(deployment, 'ada', erase, { workspaceId: 'w1', once: true })
    expectBelow(large, QUARTER)
  })

  it('of a run of the garbage collector', async () => {
    await push100(hundred())
    await push100(hundred({ op: 'delete', clock: 2 }).slice(1))
    const { cost } = await countCost(deployment, 'ada', gc, {})
    expectBelow(cost, { ...QUARTER, indexRanges: 250, documentsRead: 350, documentsWritten: 210, bytesRead: 200_000, bytesWritten: 100_000 })
  })
})
