import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createSyncGateway } from '../../../server/lib/create-sync-gateway'
import type { SyncGateway } from '../../../server/lib/create-sync-gateway'
import { memoryBackend } from '../../../server/lib/backends/memory'
import type * as Started from '../../../server/nitro/started-gateway'
import type * as Use from '../../../server/nitro/use-sync-gateway'
import { schema } from './support/test-gateway'

let started: typeof Started
/** Its rows have the types of the app's schema, which this test does not have. */
let sync: Pick<SyncGateway, 'write' | 'get' | 'list'> & ReturnType<typeof Use.useSyncGateway>

// The modules of a server that starts.
beforeEach(async () => {
  vi.resetModules()
  started = await import('../../../server/nitro/started-gateway')
  const { useSyncGateway } = await import('../../../server/nitro/use-sync-gateway')
  sync = useSyncGateway() as unknown as typeof sync
})

const open = (enabled = true) => createSyncGateway({ schema, backend: memoryBackend(), session: () => null, enabled: () => enabled })

describe('useSyncGateway', () => {
  it('answers at once, and its methods wait until the gateway has started', async () => {
    let go = () => {}
    const opened = new Promise<void>((resolve) => { go = resolve })
    started.setSyncGateway({ isOn: true, start: async () => {
      await opened
      return open()
    } })
    const writing = sync.write('w1', [{ table: 'todos', put: { id: 'a', title: 'x' } }])
    expect(await Promise.race([writing, new Promise(resolve => setTimeout(resolve, 20, 'waits'))])).toBe('waits')
    go()
    expect((await writing).rows[0]).toMatchObject({ title: 'x' })
    expect(await sync.get('w1', 'todos', 'a')).toMatchObject({ title: 'x' })
    expect(await sync.list('w1', 'todos')).toMatchObject({ rows: [{ title: 'x' }], next: null })
    expect(await sync.gc()).toMatchObject({ workspaces: 1 })
    expect(await sync.newEpoch()).toMatch(/-/)
    expect(await text(sync.exportWorkspace('w1'))).toMatch(/^\{"serverVersion":1,.*"title":"x".*\}\n$/)
    expect(await text((await sync).exportWorkspace('w1')), 'as it was written before').toContain('"title":"x"')
    expect(await sync.eraseWorkspace('w1')).toEqual({ records: 1, devices: 0 })
    await sync.endStreams()
    await sync.drain()
    await started.closeSyncGateway()
  })

  it('starts the gateway once, also for a plugin of the app that comes before the module\'s', async () => {
    let starts = 0
    const early = sync.list('w1', 'todos')
    started.setSyncGateway({ isOn: true, start: async () => {
      starts++
      return open()
    } })
    expect(await Promise.all([early, sync.list('w1', 'todos')])).toEqual([{ rows: [], next: null }, { rows: [], next: null }])
    expect(starts).toBe(1)
  })

  it('rejects while sync is off', async () => {
    started.setSyncGateway({ isOn: false, start: async () => open(false) })
    const calls = [
      sync.write('w1', []), sync.get('w1', 'todos', 'a'), sync.list('w1', 'todos'), sync.gc(), sync.eraseWorkspace('w1'), sync.newEpoch(), sync.endStreams(), sync.drain(), text(sync.exportWorkspace('w1')),
    ]
    for (const call of calls) await expect(call).rejects.toMatchObject({ name: 'SyncError', code: 'SYNC_DISABLED' })
    expect(await (await started.startedGateway()).gc(), 'the hourly task finds nothing to do').toMatchObject({ workspaces: 0 })
  })

  it('says that the module\'s plugin is missing', async () => {
    await expect(sync.gc()).rejects.toThrow('its Nitro plugin is missing')
  })
})
