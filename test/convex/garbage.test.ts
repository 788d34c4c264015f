import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NOW } from '../../src/testing/contract/make-op'
import { api, openDeployment } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'
import { wireOp } from './support/wire-op'

const DAY = 24 * 60 * 60_000

describe('the garbage collector of a deployment', () => {
  let deployment: TestDeployment
  beforeEach(async () => {
    vi.useFakeTimers({ now: NOW })
    deployment = await openDeployment()
  })
  afterEach(() => { vi.useRealTimers() })

  const ada = () => deployment.withIdentity({ subject: 'ada' })
  const runAll = async () => {
    const first = await deployment.mutation(api.sync.gc, {})
    await deployment.finishAllScheduledFunctions(vi.runAllTimers)
    return first
  }
  const inFeed = () => deployment.run(async ({ db }) => (await db.query('change_log').collect()).filter(row => row.op === 'delete' && !row.collected).length)
  const floor = (workspaceId: string) => deployment.run(async ({ db }) =>
    (await db.query('sync_counters').withIndex('by_workspace', q => q.eq('workspace_id', workspaceId)).unique())?.gc_floor)
  const deleteRows = async (workspaceId: string, count: number) => {
    for (let start = 0; start < count; start += 100) {
      const ops = Array.from({ length: Math.min(100, count - start) }, (_, index) => wireOp({ pk: `gone-${start + index}`, op: 'delete' }))
      await ada().mutation(api.sync.push, { workspaceId, ops })
    }
  }

  it('takes at most 100 tombstones a run and goes on by itself, through every workspace', async () => {
    await deleteRows('w1', 250)
    await deleteRows('w2', 130)
    expect(await runAll()).toMatchObject({ tombstones: 100, done: false })
    expect([await inFeed(), await floor('w1'), await floor('w2')]).toEqual([0, 250, 130])
    expect(await runAll(), 'nothing is left').toEqual({ workspaces: 0, tombstones: 0, devices: 0, purged: 0, done: true })
  })

  it('forgets deletions for good only where asked, at most 100 documents a run, and then takes no older put of an unknown record', async () => {
    await deleteRows('w1', 250)
    await deleteRows('w2', 1)
    vi.setSystemTime(NOW + DAY)
    await runAll()
    const kept = () => deployment.run(async ({ db }) => (await db.query('change_log').collect()).length)
    expect(await kept()).toBe(251)
    const gc = deployment.mutation(api.sync.gc, { purgeBefore: NOW + DAY })
    expect(await gc).toMatchObject({ tombstones: 0, purged: 100, done: false })
    await deployment.finishAllScheduledFunctions(vi.runAllTimers)
    expect(await kept()).toBe(0)
    // Whoever pushes: a browser that speaks to Convex itself says nothing of what was purged.
    const late = (workspaceId: string, pk: string, at: number, who = 'ada') => deployment.withIdentity({ subject: who }).mutation(api.sync.push, { workspaceId, ops: [wireOp({ pk, at })] })
    expect((await late('w1', 'gone-7', 0)).results[0]).toMatchObject({ success: false, errorCode: 'CONFLICT' })
    expect((await late('w1', 'gone-7', DAY)).results[0]).toMatchObject({ applied: true })
    expect((await late('w3', 'a', 0, 'eve')).results[0], 'nothing was deleted there').toMatchObject({ applied: true })
  })

  it('looks past the silent devices of a workspace, however many stand before the live one', async () => {
    await deleteRows('w1', 3)
    const device = (deviceId: string, version: number) => ada().mutation(api.sync.updateDeviceCursor, { workspaceId: 'w1', deviceId, version })
    for (let index = 0; index < 150; index++) await device(`silent-${index}`, 1)
    vi.setSystemTime(NOW + 8 * DAY)
    await device('live', 2)
    await runAll()
    // 150 silent devices cannot be looked through in one run: what they have all read goes, the rest waits for the retention.
    expect([await inFeed(), await floor('w1')]).toEqual([2, 1])
    vi.setSystemTime(NOW + 29 * DAY)
    await device('live', 2)
    await runAll()
    vi.setSystemTime(NOW + 31 * DAY)
    await device('live', 2)
    await runAll()
    expect([await inFeed(), await floor('w1')]).toEqual([0, 3])
  })

  it('forgets devices and writers not heard of for the retention, with what they were answered', async () => {
    const cursor = (deviceId: string) => ada().mutation(api.sync.updateDeviceCursor, { workspaceId: 'w1', deviceId, version: 1 })
    await ada().mutation(api.sync.push, { workspaceId: 'w1', ops: [wireOp({ pk: 'a', device: 'old' })] })
    await cursor('old')
    vi.setSystemTime(NOW + 20 * DAY)
    await ada().mutation(api.sync.push, { workspaceId: 'w1', ops: [wireOp({ pk: 'b', device: 'new' })] })
    await cursor('new')
    vi.setSystemTime(NOW + 31 * DAY)
    expect(await runAll()).toMatchObject({ devices: 1, done: true })
    const left = await deployment.run(async ({ db }) => [
      (await db.query('device_cursors').collect()).map(device => device.device_id), (await db.query('sync_writers').collect()).map(({ node }) => node), (await db.query('sync_results').collect()).length,
    ])
    expect(left).toEqual([['new'], ['new00000'], 1])
  })

  it('deletes the memory of forgotten writers in portions that a transaction takes', async () => {
    const title = 'x'.repeat(200_000)
    for (let device = 0; device < 15; device++) {
      await ada().mutation(api.sync.push, { workspaceId: 'w1', ops: [wireOp({ pk: 'a', device: `before-${device}`, clock: 2 * device + 1, payload: { id: 'a', title } })] })
      await ada().mutation(api.sync.push, { workspaceId: 'w1', ops: [wireOp({ pk: 'a', device: `device-${device}`, clock: 2 * device + 2, base: null, payload: { id: 'a', title: `${device}` } })] })
    }
    vi.setSystemTime(NOW + 31 * DAY)
    const first = await runAll()
    expect(first.done).toBe(false)
    expect(await deployment.run(async ({ db }) => [(await db.query('sync_writers').collect()).length, (await db.query('sync_results').collect()).length])).toEqual([0, 0])
  })
})
