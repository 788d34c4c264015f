import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryBackend } from 'or3-sync/server'
import { SimDisk } from '../../../src/testing/simulation/sim-disk'
import { EngineHarness, until } from '../../support/engine-harness'
import { shortWaits } from '../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open({ backend: memoryBackend() }) })
afterEach(async () => { await world.close() })

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `k${String(index).padStart(5, '0')}`, title: 'x' }))

async function online(device = world.device()) {
  await device.start()
  await device.whenIdle()
  return device
}

/** Bob has 1,000 rows, some of which are gone at the store without a trace; his rescan breaks off after two pages. */
async function interruptedRescan() {
  const ann = await online(world.device('ann'))
  await ann.db.todos.bulkPut(rows(1_000))
  await ann.whenIdle()
  const bob = await online(world.device('bob'))
  await until(() => bob.db.todos.count(), count => count === 1_000)
  await bob.stop()
  await ann.db.todos.bulkDelete(['k00000', 'k00500', 'k00999'])
  await ann.whenIdle()
  await world.gateway.gc()
  const pulls: { cursor: number, order?: string }[] = []
  world.intercept = async (path, init, send) => {
    if (path === '/pull') pulls.push(JSON.parse(String(init?.body)) as { cursor: number })
    if (path === '/pull' && pulls.length > 3) throw new TypeError('fetch failed')
    return await send()
  }
  await bob.start()
  await bob.rescan()
  await until(() => pulls.length > 3 && bob.status.get().error)
  const { position } = await bob.db.table('sync_state').get('bootstrap') as { position: number }
  await bob.close()
  world.intercept = null
  return { ann, bob, position }
}

describe('a rescan that is cut off', () => {
  it('goes on after a reload where it stopped, fetches no page twice, and still removes what the store no longer has', async () => {
    const { bob, position } = await interruptedRescan()
    const positions: number[] = []
    world.intercept = async (path, init, send) => {
      if (path === '/pull') positions.push((JSON.parse(String(init?.body)) as { cursor: number }).cursor)
      return await send()
    }
    const again = await online(world.device('bob', { indexedDB: bob.indexedDB }))
    expect(position, 'some of it was walked').toBeLessThan(1_000)
    expect(positions[0]).toBe(position)
    expect(await again.db.todos.count()).toBe(997)
    expect(await again.db.table('sync_state').where(':id').startsWith('marks:').count(), 'nothing of it stays behind').toBe(0)
  })

  it('keeps what was written and acknowledged between its parts', async () => {
    const { bob } = await interruptedRescan()
    let isPullBlocked = true
    world.intercept = async (path, _, send) => {
      if (path === '/pull' && isPullBlocked) throw new TypeError('fetch failed')
      return await send()
    }
    const again = world.device('bob', { indexedDB: bob.indexedDB })
    await again.start()
    await again.db.todos.put({ id: 'new', title: 'made in between' })
    await until(() => again.queue.pending(), pending => pending.length === 0)
    isPullBlocked = false
    await again.flush()
    await again.whenIdle()
    expect(await again.db.todos.get('new')).toMatchObject({ title: 'made in between' })
    expect(await again.db.todos.count()).toBe(998)
  })
})

describe('a rescan that cannot begin', () => {
  it('because the disk is full begins once there is room again', async () => {
    const disk = new SimDisk()
    const bob = await online(world.device('bob', { indexedDB: disk.connect().factory, environment: { clock: shortWaits(50) } }))
    let rescans = 0
    bob.hooks.addAction('sync.rescan:action:completed', () => { rescans++ })
    disk.quotaErrors = 3
    await bob.rescan()
    await until(() => rescans)
    expect(disk.quotaErrors).toBe(0)
  })
})
