import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { QuarantineRecord } from '#or3-sync/core/sync/records/engine-records'
import { countReads } from '../../support/count-reads'
import { EngineHarness, until } from '../../support/engine-harness'

const MANY = 500

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const quarantined = Array.from({ length: MANY }, (_, index): QuarantineRecord => ({
  tableName: 'todos', pk: `q${index}`, reason: 'schema', receivedAt: 0, error: 'it has no title',
  change: { op: 'put', serverVersion: 1, payload: { id: `q${index}`, title: 7 }, stamp: { deviceId: 'd', clock: 1, hlc: '0mh000000:0000:node0000', opId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` } },
}))

async function open() {
  const device = world.device('ann')
  const reads = countReads(device.db, ['sync_quarantine'])
  await device.db.table('sync_quarantine').bulkAdd(quarantined)
  await device.start()
  await device.whenIdle()
  return { device, reads }
}
type Note = { id: string, private?: boolean, body?: string }
const setAside = (pk: string) => ({ ...quarantined[0]!, tableName: 'notes', pk, reason: 'excluded', change: { ...quarantined[0]!.change, payload: { id: pk, body: 'theirs' } } })

describe('D1: the end of a private row looks at what was set aside for that row alone', () => {
  it.each<[string, (notes: { put: (row: Note) => PromiseLike<unknown>, delete: (pk: string) => PromiseLike<unknown> }) => PromiseLike<unknown>]>([
    ['it is deleted', notes => notes.delete('p')],
    ['it is shared again', notes => notes.put({ id: 'p', body: 'shared' })],
  ])('%s', async (_, end) => {
    const { device, reads } = await open()
    await device.db.notes.put({ id: 'p', private: true })
    await device.db.table('sync_quarantine').add(setAside('p'))
    const read = await reads.during(async () => {
      await end(device.db.notes as never)
      await until(() => device.db.table('sync_quarantine').count(), count => count === MANY)
      await device.whenIdle()
    })
    expect(read).toBeLessThan(10)
  })
})
