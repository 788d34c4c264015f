import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryBackend, sqliteBackend, type SyncBackend } from 'or3-sync/server'
import type { EngineDatabase } from '#or3-sync/core/sync/records/engine-database'
import { HeardMarks } from '#or3-sync/core/sync/progress/heard-marks'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

let world: EngineHarness
afterEach(() => world.close())

const titles = async ({ db }: TodoEngine) => (await db.todos.orderBy('id').toArray()).map(({ id, title }) => `${id}: ${title}`)

async function put(engine: TodoEngine, id: string, title: string): Promise<void> {
  await engine.db.todos.put({ id, title })
  await engine.whenIdle()
}

describe('a store that was restored from a backup, of which nobody told anybody', () => {
  it('F68: gets back what it has lost, from whoever comes, although others have written since', async () => {
    const backend = memoryBackend()
    world = await EngineHarness.open({ backend })
    const [ann, bob] = [world.device('ann'), world.device('bob')]
    await ann.start()
    await put(ann, '1', 'in the backup')
    const restore = backend.backUp()
    await put(ann, '2', 'lost, told by a push reply alone')
    await bob.start()
    await bob.whenIdle()
    await ann.stop()
    await bob.stop()
    restore()
    const eve = world.device('eve')
    await eve.start()
    for (const id of ['e1', 'e2', 'e3']) await put(eve, id, 'written after the restore')
    for (const device of [bob, ann]) {
      await device.start()
      await device.whenIdle()
    }
    const all = ['1: in the backup', '2: lost, told by a push reply alone', ...['e1', 'e2', 'e3'].map(id => `${id}: written after the restore`)]
    await until(() => titles(eve), rows => rows.length === 5)
    for (const device of [ann, bob, eve]) expect(await titles(device)).toEqual(all)
  })

  it('F68: is noticed by the answer to a push alone', async () => {
    const backend = memoryBackend()
    world = await EngineHarness.open({ backend })
    const inner = world.provider('ann')
    const pulls: number[] = []
    // Nothing live, and a pull only where the engine itself sees a reason for one.
    const ann = world.device('ann', { provider: { id: 'own', mode: 'direct', push: batch => inner.push(batch), pull: (request) => { pulls.push(request.cursor); return inner.pull(request) }, subscribe: async () => () => {} } })
    await ann.start()
    await put(ann, '1', 'in the backup')
    const restore = backend.backUp()
    await put(ann, '2', 'lost')
    const mark = async () => (await ann.db.table('sync_state').get('mark') as { mark: string }).mark
    expect(await mark(), 'what the push told').toBe((await inner.pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 1 })).mark)
    restore()
    const eve = world.device('eve')
    await eve.start()
    for (const id of ['e1', 'e2']) await put(eve, id, 'written after the restore')
    const before = pulls.length
    await put(ann, '3', 'pushed to the restored store')
    await until(() => titles(eve), rows => rows.includes('2: lost'))
    expect(pulls.length, 'it looked at everything again').toBeGreaterThan(before)
  })

  it('F68: is noticed by a walk over everything, too: nothing is removed that the store has lost', async () => {
    const backend = memoryBackend()
    world = await EngineHarness.open({ backend })
    const ann = world.device('ann')
    await ann.start()
    await put(ann, '1', 'in the backup')
    const restore = backend.backUp()
    await put(ann, '2', 'lost')
    await ann.stop()
    restore()
    const eve = world.device('eve')
    await eve.start()
    for (const id of ['e1', 'e2', 'e3']) await put(eve, id, 'written after the restore')
    // Away for so long that its first request is a walk.
    await ann.db.table('sync_state').update('cursor', { lastSyncAt: 0 })
    const reasons: string[] = []
    ann.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { reasons.push(reason) })
    await ann.start()
    await ann.whenIdle()
    expect(reasons).toEqual(['expired', 'epoch'])
    await until(() => titles(eve), rows => rows.includes('2: lost'))
    expect(await titles(ann)).toContain('2: lost')
  })

  it('F68: what one answer follows up is what its own request handed over', () => {
    const heard = new HeardMarks()
    heard.pass('1.a', undefined)
    heard.pass('2.b', undefined)
    expect(heard.current, 'the second request had not heard of the first answer').toBe('1.a,2.b')
    heard.pass('3.c', '1.a')
    expect(heard.current).toBe('2.b,3.c')
    heard.pass('4.d', '2.b,3.c')
    expect(heard.current).toBe('4.d')
  })

  it('F68: what another tab has heard stays, until an answer follows it up', async () => {
    world = await EngineHarness.open({ backend: memoryBackend() })
    const db = world.device('ann').db as unknown as EngineDatabase
    await db.open()
    const [one, two] = [new HeardMarks(), new HeardMarks()]
    await one.note(db, '1.a', undefined)
    await two.note(db, '2.b', undefined)
    await two.load(db)
    expect(two.current).toBe('1.a,2.b')
    await two.note(db, '3.c', '1.a,2.b')
    await one.note(db, '4.d', '1.a')
    await one.load(db)
    expect(one.current).toBe('3.c,4.d')
  })

  it('F68: is noticed on an open stream, and deletes are sent again, too', async () => {
    const backend = memoryBackend()
    world = await EngineHarness.open({ backend })
    const ann = world.device('ann')
    await ann.start()
    await put(ann, '1', 'deleted later')
    await put(ann, '2', 'stays')
    const restore = backend.backUp()
    await ann.db.todos.delete('1')
    await ann.whenIdle()
    restore()
    const eve = world.device('eve')
    await eve.start()
    for (const id of ['e1', 'e2']) await put(eve, id, 'written after the restore')
    await until(() => titles(eve), rows => rows.length === 3 && !rows.some(row => row.startsWith('1')))
    await until(() => titles(ann), rows => rows.length === 3)
  })

  it('F68: is noticed by a device whose first sync was not over', async () => {
    const backend = memoryBackend()
    world = await EngineHarness.open({ backend })
    const restore = backend.backUp()
    const ann = world.device('ann')
    await ann.db.todos.put({ id: '1', title: 'pushed before the first sync' })
    world.intercept = async (path, _, send) => {
      if (path === '/pull') throw new TypeError('fetch failed')
      return await send()
    }
    await ann.start()
    await until(() => ann.status.get().pendingCount === 0)
    await ann.stop()
    restore()
    world.intercept = null
    const eve = world.device('eve')
    await eve.start()
    await put(eve, 'e1', 'written after the restore')
    await ann.start()
    await ann.whenIdle()
    await until(() => titles(eve), rows => rows.length === 2)
    expect(await titles(ann)).toEqual(['1: pushed before the first sync', 'e1: written after the restore'])
  })

  it('F68: is noticed where a page was read before, and a push answered since', async () => {
    const backend = memoryBackend()
    world = await EngineHarness.open({ backend })
    const [ann, bob, eve] = [world.device('ann'), world.device('bob'), world.device('eve')]
    await ann.start()
    await put(ann, '1', 'in the backup')
    await ann.stop()
    const restore = backend.backUp()
    await bob.start()
    await put(bob, '2', 'lost, and read by ann')
    await bob.close()
    let release = () => {}
    const mayGoOn = new Promise<void>((resolve) => { release = resolve })
    let isRead = false
    world.intercept = async (path, _, send) => {
      const response = await send()
      if (path !== '/pull' || isRead) return response
      isRead = true
      await mayGoOn
      return response
    }
    await ann.start()
    await until(() => isRead)
    restore()
    await eve.start()
    await put(eve, 'e1', 'written after the restore')
    await ann.db.todos.put({ id: '3', title: 'pushed after the restore' })
    await until(() => ann.status.get().pendingCount === 0)
    release()
    await until(() => titles(eve), rows => rows.length === 4)
    await until(() => titles(ann), rows => rows.length === 4)
  })

  it('F68: is a file that was copied back, too, under another server process', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'or3-restore-'))
    const path = join(folder, 'store.sqlite')
    const opened: SyncBackend[] = []
    const open = async () => {
      opened.push(sqliteBackend({ path }))
      world = await EngineHarness.open({ backend: opened.at(-1)! })
    }
    try {
      await open()
      const ann = world.device('ann')
      await ann.start()
      await put(ann, '1', 'in the backup')
      await world.close()
      copyFileSync(path, `${path}.backup`)
      await open()
      const again = world.device('ann', { indexedDB: ann.indexedDB })
      await again.start()
      await put(again, '2', 'lost')
      await put(again, '1', 'changed, and lost')
      await world.close()
      copyFileSync(`${path}.backup`, path)
      await open()
      const eve = world.device('eve')
      await eve.start()
      for (const id of ['e1', 'e2', 'e3', 'e4']) await put(eve, id, 'new')
      const back = world.device('ann', { indexedDB: ann.indexedDB })
      await back.start()
      await back.whenIdle()
      await until(() => titles(eve), rows => rows.length === 6)
      expect(await titles(back)).toEqual(['1: changed, and lost', '2: lost', 'e1: new', 'e2: new', 'e3: new', 'e4: new'])
      expect(await titles(eve)).toEqual(await titles(back))
    }
    finally { rmSync(folder, { recursive: true, force: true }) }
  })
})

describe('a store that was not restored', () => {
  it('has its devices rescan for nothing', async () => {
    world = await EngineHarness.open()
    const rescans: string[] = []
    const [ann, bob] = [world.device('ann'), world.device('bob')]
    for (const device of [ann, bob]) device.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { rescans.push(reason) })
    for (let round = 0; round < 3; round++) {
      for (const device of [ann, bob]) {
        await device.start()
        await put(device, String(round), `by one of them in round ${round}`)
        await device.stop()
      }
    }
    expect(rescans).toEqual([])
  })
})
