import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteBackend, type SyncBackend } from 'or3-sync/server'
import { EngineHarness, until } from '../../support/engine-harness'

describe('a store whose disk is full', () => {
  let folder: string
  let harness: EngineHarness
  let current: SyncBackend
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'or3-full-')) })
  afterEach(async () => {
    await harness.close()
    await current.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('costs no edit: the device keeps them, says so, and delivers them when there is space again', async () => {
    const path = join(folder, 'store.sqlite')
    current = sqliteBackend({ path, maxBytes: 120_000 })
    // The store of the moment, whichever that is.
    harness = await EngineHarness.open({ backend: new Proxy({} as SyncBackend, { get: (_, name) => {
      const value = current[name as keyof SyncBackend]
      return typeof value === 'function' ? (value as () => unknown).bind(current) : value
    } }) })
    const device = harness.device()
    await device.start()
    const rows = Array.from({ length: 60 }, (_, index) => ({ id: `t${index}`, title: 'x'.repeat(2_000) }))
    for (let from = 0; from < rows.length; from += 10) await device.db.todos.bulkPut(rows.slice(from, from + 10))

    const status = await until(() => device.status.get(), ({ error }) => error?.code === 'SERVER_ERROR')
    expect(status.state).toBe('error')
    expect(status.pendingCount).toBeGreaterThan(0)
    expect(status.failedCount).toBe(0)
    expect(await device.db.todos.count(), 'the app goes on with its own rows').toBe(60)

    await current.close()
    current = sqliteBackend({ path })
    await device.flush()
    await until(() => device.status.get().pendingCount, count => count === 0)
    expect(device.status.get().error).toBeNull()
    const other = harness.device('bob')
    await other.start()
    await until(() => other.db.todos.count(), count => count === 60)
  })
})
