import { beforeEach, describe, expect, it, vi } from 'vitest'
import { convexBackend } from 'or3-sync/server'
import type { OpOptions } from '../../src/testing/contract/make-op'
import { eraseWorkspace } from '../../src/convex/store/erase-workspace'
import { syncSchema } from './support/deployment/sync-schema'
import { inProcessClient } from './support/in-process-client'
import { api, openDeployment } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'
import { wireOp } from './support/wire-op'

describe('the erasure of a workspace of a deployment', () => {
  let deployment: TestDeployment
  beforeEach(async () => { deployment = await openDeployment() })

  const push = (ops: OpOptions[], workspaceId = 'w1', who = 'ada') => deployment.withIdentity({ subject: who }).mutation(api.sync.push, { workspaceId, ops: ops.map(wireOp) })
  const rows = (count: number, options: OpOptions = {}) => Array.from({ length: count }, (_, index) => ({ pk: `row-${index}`, ...options }))
  const eraseOnce = (workspaceId = 'w1') => deployment.mutation(api.sync.erase, { workspaceId, once: true })
  const counters = () => deployment.run(async ({ db }) => (await db.query('sync_counters').collect()).map(({ workspace_id, value, gc_floor }) => [workspace_id, value, gc_floor]))
  const watch = (workspaceId = 'w1') => deployment.withIdentity({ subject: 'ada' }).query(api.sync.watchChanges, { workspaceId })
  /** Everything that is stored, as text. */
  const everything = () => deployment.run(async ({ db }) => JSON.stringify([
    await db.query('change_log').collect(), await db.query('sync_payloads').collect(), await db.query('sync_counters').collect(),
    await db.query('device_cursors').collect(), await db.query('sync_writers').collect(), await db.query('sync_results').collect(), (await db.query('tasks').collect()).map(({ picture: _picture, size: _size, ...task }) => task),
  ]))

  it('leaves nothing but a number under a name that tells nothing', async () => {
    await push([{ pk: 'secret-a', payload: { id: 'secret-a', title: 'secret' } }, { pk: 'secret-b', op: 'delete' }, { table: 'tasks', pk: 'secret-c', payload: { id: 'secret-c', title: 'short' } }])
    await push([{ pk: 'secret-a', clock: 2, base: null, device: 'device-2', payload: { id: 'secret-a', title: 'secret too' } }], 'w1', 'bob')
    await deployment.withIdentity({ subject: 'ada' }).mutation(api.sync.updateDeviceCursor, { workspaceId: 'w1', deviceId: 'device-1', version: 1 })
    expect(await everything()).toMatch(/secret.*"w1"/)
    expect(await eraseOnce()).toEqual({ records: 3, devices: 1, done: true })
    expect(await everything()).not.toMatch(/secret|w1|ada|bob|device/)
    const [[name, ...numbers]] = await counters() as [[string, number, number]]
    expect([name.startsWith('\u0001erased:'), numbers]).toEqual([true, [5, 5]])
  })

  it('takes at most 100 records and devices a run, raises the version with the last, and tells watchers then', async () => {
    for (let start = 0; start < 230; start += 100) await push(rows(Math.min(100, 230 - start)).map(({ pk }) => ({ pk: `${start} ${pk}` })))
    for (let device = 0; device < 90; device++) await deployment.withIdentity({ subject: 'ada' }).mutation(api.sync.updateDeviceCursor, { workspaceId: 'w1', deviceId: `d-${device}`, version: 1 })
    expect(await eraseOnce()).toEqual({ records: 100, devices: 0, done: false })
    expect([await counters(), (await watch()).latestVersion]).toEqual([[['w1', 230, 0]], 230])
    expect(await eraseOnce()).toEqual({ records: 100, devices: 0, done: false })
    expect(await eraseOnce(), 'one of the hundred is who wrote').toEqual({ records: 30, devices: 69, done: false })
    expect((await watch()).latestVersion).toBe(230)
    expect(await eraseOnce()).toEqual({ records: 0, devices: 21, done: true })
    expect((await watch()).latestVersion).toBe(231)
    expect(await eraseOnce(), 'again').toEqual({ records: 0, devices: 0, done: true })
    expect((await watch()).latestVersion).toBe(231)
  })

  it('goes on by itself where nobody waits for it, and is one call for the gateway', async () => {
    vi.useFakeTimers()
    try {
      for (const workspaceId of ['w1', 'w2']) for (const table of ['todos', 'notes']) await push(rows(80, { table }), workspaceId)
      expect(await deployment.mutation(api.sync.erase, { workspaceId: 'w1' })).toMatchObject({ done: false })
      await deployment.finishAllScheduledFunctions(vi.runAllTimers)
    }
    finally { vi.useRealTimers() }
    expect((await counters()).map(([name, value]) => [String(name).slice(0, 3), value])).toEqual([['\u0001er', 161], ['w2', 160]])
    const backend = convexBackend({ url: 'http://127.0.0.1:1', mintToken: () => Promise.reject(new Error('a test in one process needs no token')), client: inProcessClient(deployment) })
    expect(await backend.erase('w2')).toEqual({ records: 160, devices: 0 })
    expect(await deployment.run(async ({ db }) => (await db.query('change_log').collect()).length)).toBe(0)
  })

  it('removes the rows of a table that follows, of this workspace alone', async () => {
    const task = (pk: string): OpOptions => ({ table: 'tasks', pk, payload: { id: pk, title: 'short' } })
    await push([task('a'), task('b')])
    await push([task('a')], 'w3', 'eve')
    await eraseOnce()
    expect(await deployment.run(async ({ db }) => (await db.query('tasks').collect()).map(({ workspace_id, id }) => [workspace_id, id]))).toEqual([['w3', 'a']])
  })

  it('goes through where a table was taken out of the schema since', async () => {
    await push([{ pk: 'a' }, { table: 'notes', pk: 'b' }])
    const { notes: _gone, ...tables } = syncSchema.tables
    const run = await deployment.run(({ db }) => eraseWorkspace(db, { schema: { tables }, targets: { tasks: 'tasks' }, workspaceId: 'w1' }))
    expect(run).toEqual({ records: 2, devices: 0, done: true })
  })

  it('removes rows as large as they may be in portions that a transaction takes', async () => {
    for (let index = 0; index < 12; index++) await push([{ pk: `row-${index}`, payload: { id: `row-${index}`, title: 'x'.repeat(290_000) } }])
    let runs = 1
    while (!(await eraseOnce()).done) runs++
    expect(runs).toBe(4)
  })

  it('gives the workspace its name back with the next edit, and lets nobody put a device there before', async () => {
    await push([{ pk: 'a' }])
    await eraseOnce()
    const ada = deployment.withIdentity({ subject: 'ada' })
    expect(await ada.mutation(api.sync.updateDeviceCursor, { workspaceId: 'w1', deviceId: 'device-1', version: 2 })).toBe('ok')
    expect(await everything()).not.toContain('device-1')
    expect((await push([{ pk: 'a', clock: 2 }])).results[0]).toMatchObject({ applied: true, serverVersion: 3 })
    expect(await counters()).toEqual([['w1', 3, 2]])
    expect(await ada.query(api.sync.pull, { workspaceId: 'w1', cursor: 1, limit: 10 })).toMatchObject({ requiresRescan: true })
  })
})
