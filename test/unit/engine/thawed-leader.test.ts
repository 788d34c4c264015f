import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import type { SyncEnvironment } from 'or3-sync/client'
import { DeposedError, LeadFence } from '../../../src/runtime/core/sync/progress/lead-fence'
import { NOWHERE } from '../../../src/runtime/core/sync/progress/cursor-manager'
import type { EngineDatabase } from '../../../src/runtime/core/sync/records/engine-database'
import type { CursorState } from '../../../src/runtime/core/sync/records/engine-records'
import { EngineHarness, until } from '../../support/engine-harness'
import { openBrowser } from '../../support/open-browser'
import { asSchema } from '../../support/schema-versions'
import type { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
/** What a setting of the user keeps on this device. */
const kept = new Set<string>()
const table = { schema: z.object({ id: z.string(), body: z.string() }), primaryKey: 'id' as const }
const open = defineSyncSchema({ version: 1, tables: { notes: table } })
const bySetting = defineSyncSchema({ version: 1, tables: { notes: { ...table, exclude: (row: { id: string }) => kept.has(row.id) } } })

beforeEach(async () => {
  kept.clear()
  world = await EngineHarness.open({ schema: asSchema(open) })
})
afterEach(() => world.close())

describe('a leader that has thawed, and has not heard that another tab took the lead', () => {
  it('does not take an edit for unsent that the other tab has sent: the other devices lose a row that became private', async () => {
    const { openTab } = openBrowser(world, { schema: bySetting as unknown as typeof todoSchema })
    const tabs = [openTab(), openTab()]
    for (const tab of tabs) await tab.start()
    const leader = await until(() => tabs.find(tab => tab.status.get().isLeader))
    const taker = tabs.find(tab => tab !== leader)!
    await leader!.whenIdle()
    const bob = world.device('bob', { schema: open as unknown as typeof todoSchema })
    await bob.start()
    leader!.tab.frozen = true
    await until(() => taker.status.get().isLeader)
    let arrived = false
    world.intercept = async (path, init, send) => {
      if (!String(init?.body).includes('"diary"')) return await send()
      if (!arrived) arrived = (await send()).ok
      throw new TypeError('the answer is lost')
    }
    await taker.db.table('notes').put({ id: 'n', body: 'diary' })
    await until(() => arrived)
    await until(() => bob.db.table('notes').count())
    kept.add('n')
    await leader!.flush()
    expect(await taker.db.table('pending_ops').count(), 'its answer is still to come').toBe(1)
    leader!.tab.frozen = false
    world.intercept = null
    await taker.flush()
    await until(() => bob.db.table('notes').count(), count => count === 0)
    expect(await taker.db.table('notes').toArray()).toMatchObject([{ body: 'diary' }])
  })
})

describe('LeadFence', () => {
  const isOurs = () => true

  /** A database, and the fences of two tabs of it. */
  async function fences() {
    const device = world.device()
    const db = device.db as unknown as EngineDatabase
    await db.open()
    const env: Pick<SyncEnvironment, 'locks'> = { locks: { request: async () => undefined } }
    const stored = async () => await db.sync_state.get('cursor') as CursorState | undefined ?? NOWHERE
    return { db, env, stored, one: new LeadFence({ db, env }), two: new LeadFence({ db, env }) }
  }

  it('stops who led when the lead was taken by force, and not who took it', async () => {
    const { one, two, stored } = await fences()
    one.begin()
    one.check(await stored())
    two.begin(await two.raise(isOurs))
    expect((await stored()).takeovers).toBe(1)
    two.check(await stored())
    await two.checkStored()
    expect(() => one.check(NOWHERE)).not.toThrow()
    const now = await stored()
    expect(() => one.check(now)).toThrow(DeposedError)
    await expect(one.checkStored()).rejects.toThrow(DeposedError)
  })

  it('lets a tab lead that was given the lead later, whatever it remembers', async () => {
    const { one, two, stored } = await fences()
    one.begin()
    one.read(await stored())
    two.begin(await two.raise(isOurs))
    one.begin()
    one.read(await stored())
    await one.checkStored()
  })

  it('keeps the rest of the cursor', async () => {
    const { db, one, stored } = await fences()
    await db.sync_state.put({ ...NOWHERE, cursor: 7, tables: ['todos'], firstSyncDone: true })
    expect([await one.raise(isOurs), await one.raise(isOurs)]).toEqual([1, 2])
    expect(await stored()).toEqual({ ...NOWHERE, cursor: 7, tables: ['todos'], firstSyncDone: true, takeovers: 2 })
  })

  it('stops nobody whose database has replaced the one that was led', async () => {
    const { one, two, stored } = await fences()
    one.begin()
    await one.checkStored()
    expect(await two.raise(() => false)).toBeUndefined()
    expect(await stored()).toEqual(NOWHERE)
    await one.checkStored()
  })

  it('stops nobody without Web Locks: every tab leads', async () => {
    const { env, one, two } = await fences()
    one.begin(0)
    await two.raise(isOurs)
    env.locks = null
    await one.checkStored()
  })
})
