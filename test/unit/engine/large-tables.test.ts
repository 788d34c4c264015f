import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { countReads } from '../../support/count-reads'
import { EngineHarness, until } from '../../support/engine-harness'
import { stoppedClock } from '../../support/test-clock'

const MANY = 2_000
const FEW = 10

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const rows = (name: string, count: number) => Array.from({ length: count }, (_, index) => ({ id: `${index * 7919 % count}-${name}`, title: 'x' }))

/** A device with many rows, and as many tombstones. */
async function largeDevice() {
  const device = world.device()
  const reads = countReads(device.db, ['todos', 'tombstones', 'sync_quarantine'], { withCounts: true })
  await device.db.todos.bulkPut(rows('gone', MANY))
  await device.db.todos.clear()
  await device.db.todos.bulkPut(rows('here', MANY))
  return { device, reads }
}

describe('F51: what a few rows cost does not depend on how many rows and tombstones there are', () => {
  it('a put of a new row', async () => {
    const { device, reads } = await largeDevice()
    expect(await reads.during(() => device.db.todos.put({ id: 'new', title: 'x' }))).toBeLessThanOrEqual(FEW)
  })

  it('a put over a row, and over a tombstone, reads what it stands upon', async () => {
    const { device } = await largeDevice()
    await device.db.todos.bulkPut([{ id: '7-here', title: 'y' }, { id: '7-gone', title: 'y' }])
    await device.db.todos.put({ id: '8-gone', title: 'y' })
    const found = await device.db.todos.bulkGet(['7-here', '7-gone', '8-gone'])
    expect(found.map(row => row?.clock)).toEqual([2, 3, 3])
  })

  it('a bulkPut of 10 new rows', async () => {
    const { device, reads } = await largeDevice()
    expect(await reads.during(() => device.db.todos.bulkPut(rows('new', 10)))).toBeLessThanOrEqual(FEW)
  })

  it('a foreign page', async () => {
    const { device, reads } = await largeDevice()
    await device.start()
    await device.whenIdle()
    const other = world.device('bob')
    await other.start()
    await other.whenIdle()
    const read = await reads.during(async () => {
      await other.db.todos.bulkPut(rows('foreign', 30))
      await until(async () => (await device.db.todos.where(':id').equals('29-foreign').primaryKeys()).length)
    })
    expect(read).toBeLessThanOrEqual(FEW)
  })

  it('many puts, one after the other: the queue is counted between few of them, because the next one would have to wait for it', async () => {
    const device = world.device('ann', { environment: { clock: stoppedClock() } })
    let counts = 0
    device.db.use({
      stack: 'dbcore', name: 'count-the-counts', level: 0,
      create: core => ({ ...core, transaction: (stores, mode, options) => {
        if (mode === 'readonly' && stores.includes('sync_quarantine')) counts++
        return core.transaction(stores, mode, options)
      } }),
    })
    for (const row of rows('one', 40)) await device.db.todos.put(row)
    expect(counts).toBeLessThanOrEqual(1)
    // Whoever waits for rest finds the counts of now.
    await device.whenIdle()
    expect(device.status.get().pendingCount).toBe(40)
  })

  it('counting what this tab wrote reads none of it', async () => {
    const device = world.device()
    const reads = countReads(device.db, ['pending_ops'])
    await device.db.todos.put({ id: 'first', title: 'x' })
    await until(() => device.status.get().pendingCount, count => count === 1)
    expect(await reads.during(async () => {
      await device.db.todos.bulkPut(rows('many', MANY))
      await device.db.todos.put({ id: 'last', title: 'x' })
      await until(() => device.status.get().pendingCount, count => count === MANY + 2)
    })).toBe(0)
  })
})
