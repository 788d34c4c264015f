import type { StandardSchemaV1 } from '@standard-schema/spec'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSyncHooks } from 'or3-sync/client'
import { defineSyncSchema, type SyncSchema } from 'or3-sync/schema'
import { createSyncDatabase } from '#or3-sync/core/sync/database/sync-database'
import { PageRows } from '#or3-sync/core/sync/face/page-rows'
import { runPlan } from '#or3-sync/core/sync/face/run-plan'
import type { EngineDatabase } from '#or3-sync/core/sync/records/engine-database'
import { answerPlan } from '#or3-sync/shared/sync/query/answer-plan'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { INDEXES, randomPlans, randomRows, type RandomRow } from '../../support/random-plans'

const anyRow: StandardSchemaV1<RandomRow> = { '~standard': { version: 1, vendor: 'test', validate: value => ({ value: value as RandomRow }) } }
const schema = defineSyncSchema({ version: 1, tables: { rows: { schema: anyRow, primaryKey: 'id', indexes: [...INDEXES], exclude: () => false } } }) as unknown as SyncSchema

const log = { debug() {}, info() {}, warn() {}, error() {} }
const VERSION = 10
const ALL: QueryPlan = { table: 'rows', index: null, range: null, isReversed: false, offset: 0, limit: null, result: 'rows' }
type Revised = RandomRow & { clock: number, hlc: string, op_id?: string }

const revised = (row: RandomRow, clock: number, isPrivate = false): Revised => ({ ...row, clock, hlc: `h${clock}`, ...(isPrivate ? {} : { op_id: `o${row.id}${clock}` }) })

/** A page on a device: what the server has rendered, and what the device has. */
class Page {
  cursor = 0
  readonly hooks = createSyncHooks(log)

  private constructor(readonly db: EngineDatabase) {}

  static async with(work: (page: Page) => Promise<void>): Promise<void> {
    const db = createSyncDatabase({ name: 'page', schema, indexedDB: new IDBFactory(), IDBKeyRange })
    try { await work(new Page(db)) }
    finally { db.close() }
  }

  rows(plan: Partial<QueryPlan>, server: readonly RandomRow[], { version = VERSION, epoch = 'e1' } = {}): PageRows {
    const whole = { ...ALL, ...plan }
    return new PageRows({ db: this.db, table: schema.tables.rows!, plan: whole, answer: { value: answerPlan(whole, server, 'id'), version, epoch }, hooks: this.hooks, cursor: () => this.cursor })
  }

  async queue(op: 'put' | 'delete', pk: string, status: 'pending' | 'held' | 'failed' = 'pending'): Promise<void> {
    await this.db.pending_ops.add({ tableName: 'rows', status, createdAt: 0, ops: [{ pk, op, clock: 1, hlc: 'h', opId: pk }] })
  }

  async edit(row: Revised): Promise<void> {
    await this.db.table('rows').put(row)
    await this.queue('put', row.id)
  }

  async bury(pk: string, clock: number): Promise<void> {
    await this.db.tombstones.put({ tableName: 'rows', pk, clock, hlc: `h${clock}`, op_id: `o${pk}${clock}`, deletedAt: 0 })
  }

  async reach(cursor: number, epoch = 'e1'): Promise<void> {
    await this.db.sync_state.put({ id: 'cursor', cursor, epoch, tables: ['rows'], lastSyncAt: 0, firstSyncDone: true })
  }
}

const ids = (shown: unknown) => (shown as RandomRow[]).map(({ id }) => id)

describe('until this device has reached the version that the server read at', () => {
  it('the server\'s rows are shown on a device that is new, and then those of the device', async () => {
    await Page.with(async (page) => {
      const rows = page.rows({}, [revised({ id: 'a' }, 1), revised({ id: 'b' }, 1)])
      expect(ids(await rows.read())).toEqual(['a', 'b'])
      await page.db.table('rows').bulkPut([revised({ id: 'b' }, 2), revised({ id: 'c' }, 1)])
      expect(ids(await rows.read()), 'a row that came in the meantime waits for the others').toEqual(['a', 'b'])
      await page.reach(VERSION)
      expect(ids(await rows.read())).toEqual(['b', 'c'])
      await page.reach(0)
      expect(ids(await rows.read()), 'for good').toEqual(['b', 'c'])
    })
  })

  it('rows are not shown again that were deleted elsewhere while the device was away', async () => {
    await Page.with(async (page) => {
      await page.db.table('rows').bulkPut([revised({ id: 'gone' }, 5), revised({ id: 'kept' }, 1)])
      expect(ids(await page.rows({}, [revised({ id: 'kept' }, 2)]).read())).toEqual(['kept'])
    })
  })

  it.each(['pending', 'held', 'failed'] as const)('%s edits are on top: new rows, changed ones, deletes', async (status) => {
    await Page.with(async (page) => {
      await page.db.table('rows').bulkPut([revised({ id: 'a', a: 1 }, 1), revised({ id: 'new', a: 1 }, 1), revised({ id: 'moved', a: 2 }, 1)])
      for (const pk of ['a', 'new', 'moved']) await page.queue('put', pk, status)
      await page.queue('delete', 'deleted', status)
      const server = [revised({ id: 'a', a: 1, b: 'theirs' }, 7), revised({ id: 'deleted', a: 1 }, 1), revised({ id: 'moved', a: 1 }, 1), revised({ id: 'z', a: 1 }, 1)]
      const shown = await page.rows({ index: 'a', range: { kind: 'equals', value: 1 } }, server).read()
      expect(ids(shown)).toEqual(['a', 'new', 'z'])
      expect((shown as RandomRow[])[0]).not.toHaveProperty('b')
    })
  })

  it('an edit stays on top when it is acknowledged meanwhile', async () => {
    await Page.with(async (page) => {
      const rows = page.rows({}, [revised({ id: 'a' }, 1), revised({ id: 'b' }, 1)])
      await page.edit(revised({ id: 'new' }, 1))
      expect(ids(await rows.read())).toEqual(['a', 'b', 'new'])
      await page.db.pending_ops.clear()
      // Made and acknowledged between two reads.
      for (const pk of ['quick', 'b']) page.hooks.doAction('sync.op:action:captured', { op: { tableName: 'rows', pk } as never })
      await page.db.table('rows').put(revised({ id: 'quick' }, 1))
      expect(ids(await rows.read())).toEqual(['a', 'new', 'quick'])
    })
  })

  it('a row that this device has in a higher revision stands for the server\'s, and so does a delete', async () => {
    await Page.with(async (page) => {
      await page.db.table('rows').bulkPut([revised({ id: 'newer', a: 'here' }, 3), revised({ id: 'older', a: 'here' }, 1)])
      await page.bury('deleted', 3)
      await page.bury('again', 1)
      const shown = await page.rows({}, ['newer', 'older', 'deleted', 'again'].map(id => revised({ id, a: 'server' }, 2))).read() as RandomRow[]
      expect(shown.map(({ id, a }) => [id, a])).toEqual([['again', 'server'], ['newer', 'here'], ['older', 'server']])
    })
  })

  it('a private row is on top, and a tombstone that was given up hides nothing', async () => {
    await Page.with(async (page) => {
      await page.db.table('rows').bulkPut([revised({ id: 'private', a: 1 }, 1, true), revised({ id: 'hidden' }, 1, true)])
      await page.bury('b', 9)
      await page.db.tombstones.update(['rows', 'b'], { isGivenUp: true })
      const server = ['b', 'hidden'].map(id => revised({ id, a: 1 }, 1))
      expect(ids(await page.rows({ index: 'a' }, server).read())).toEqual(['b', 'private'])
    })
  })

  it('limit counts, offset does not count twice, and an own row that stands before it is not shown', async () => {
    await Page.with(async (page) => {
      for (const id of ['bb', 'A']) await page.edit(revised({ id }, 1))
      const server = ['a', 'b', 'c', 'd'].map(id => revised({ id }, 1))
      expect(ids(await page.rows({ offset: 1, limit: 2 }, server).read())).toEqual(['b', 'bb'])
    })
  })

  it('a count is the server\'s, and one row is this device\'s own', async () => {
    await Page.with(async (page) => {
      await page.edit(revised({ id: 'a', a: 'mine' }, 1))
      const count = page.rows({ result: 'count' }, [])
      expect(await count.read()).toBe(0)
      const one = page.rows({ range: { kind: 'equals', value: 'a' }, limit: 1, result: 'row' }, [revised({ id: 'a', a: 'server' }, 4)])
      expect(await one.read()).toMatchObject({ a: 'mine' })
      await page.reach(VERSION)
      expect(await count.read()).toBe(1)
    })
  })
})

describe('a device has reached the version', () => {
  it('by its status, before that is stored', async () => {
    await Page.with(async (page) => {
      const rows = page.rows({}, [revised({ id: 'a' }, 1)])
      await page.reach(VERSION - 1)
      expect(ids(await rows.read())).toEqual(['a'])
      page.cursor = VERSION
      expect(ids(await rows.read())).toEqual([])
    })
  })

  it('only when it has fetched the table, if the app has added that since', async () => {
    await Page.with(async (page) => {
      await page.db.sync_state.put({ id: 'cursor', cursor: VERSION, epoch: 'e1', tables: ['other'], lastSyncAt: 0, firstSyncDone: true })
      page.cursor = VERSION
      const rows = page.rows({}, [revised({ id: 'a' }, 1)])
      expect(ids(await rows.read())).toEqual(['a'])
      await page.reach(VERSION)
      expect(ids(await rows.read())).toEqual([])
    })
  })

  it('not by a version of before a restore, but when it has caught up', async () => {
    await Page.with(async (page) => {
      await page.reach(VERSION + 100, 'before')
      const rows = page.rows({}, [revised({ id: 'a' }, 1)])
      expect(ids(await rows.read())).toEqual(['a'])
      rows.reach()
      expect(ids(await rows.read())).toEqual([])
    })
  })
})

const states = fc.constantFrom('same', 'older', 'newer', 'missing', 'buried', 'unsent', 'unsent delete', 'private')

describe('whatever the server and the device have', () => {
  it('no own edit is hidden, no row of the server is, nothing else is shown; and once the version is reached all is as in Dexie', async () => {
    await fc.assert(fc.asyncProperty(randomRows, randomRows, fc.infiniteStream(states), randomPlans('rows'), async (server, other, kinds, plan) => {
      fc.pre(plan.result !== 'count')
      await Page.with(async (page) => {
        const own = new Map<string, Revised | null>()
        const newer = new Map<string, Revised | null>()
        const theirs = new Map(server.map(row => [row.id, revised(row, 5)]))
        for (const row of [...server, ...other.filter(({ id }) => !theirs.has(id))]) {
          const kind = kinds.next().value!
          const changed = { ...other.find(({ id }) => id === row.id) ?? row, id: row.id }
          const local = kind === 'same' ? revised(row, 5) : revised(changed, kind === 'older' ? 4 : kind === 'newer' ? 6 : 5, kind === 'private')
          if (kind === 'buried') await page.bury(row.id, 6)
          else if (kind === 'unsent delete') await page.queue('delete', row.id)
          else if (kind === 'unsent') await page.edit(local)
          else if (kind !== 'missing') await page.db.table('rows').put(local)
          if (kind.startsWith('unsent') || kind === 'private') own.set(row.id, kind === 'unsent delete' ? null : local)
          else if (kind === 'newer' || kind === 'buried') newer.set(row.id, kind === 'buried' ? null : local)
        }
        const unlimited = { ...plan, offset: 0, limit: null, result: 'rows' } as const
        const answered = answerPlan({ ...unlimited, offset: plan.offset }, theirs.values(), 'id') as Revised[]
        const rows = page.rows({ ...unlimited, offset: plan.offset }, [...theirs.values()])
        const shown = await rows.read() as Revised[]

        const expected = new Map(answered.map(row => [row.id, row]))
        for (const [id, row] of [...newer].filter(([id]) => expected.has(id)).concat([...own])) {
          if (row) expected.set(id, row)
          else expected.delete(id)
        }
        const all = answerPlan(unlimited, expected.values(), 'id') as Revised[]
        const isServers = (row: Revised) => answered.some(({ id }) => id === row.id)
        const before = plan.offset ? all.slice(0, all.some(isServers) ? all.findIndex(isServers) : all.length) : []
        expect([...before, ...shown]).toEqual(all)
        if (plan.offset === 0) {
          const value = await page.rows(plan, [...theirs.values()]).read()
          const limited = plan.result === 'rows' ? value as Revised[] : value ? [value as Revised] : []
          const limit = Math.min(plan.limit ?? Infinity, plan.result === 'row' ? 1 : Infinity)
          expect(limited.length).toBeLessThanOrEqual(limit)
          expect(all).toEqual(expect.arrayContaining(limited))
          expect(limited).toEqual(expect.arrayContaining(all.slice(0, limit).filter(({ id }) => own.has(id))))
        }

        await page.reach(VERSION)
        expect(await rows.read()).toEqual(await runPlan(page.db, { ...unlimited, offset: plan.offset }))
      })
    }), { numRuns: 200 })
  })
})
