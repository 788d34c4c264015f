import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { countReads } from '../../support/count-reads'
import { EngineHarness, until } from '../../support/engine-harness'

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
})
