import { expect } from 'vitest'
import { createLocalDatabase } from '#or3-sync/core/sync/life/local-database'
import { moveLocalRows } from '#or3-sync/core/sync/database/move-local-rows'
import type { SyncSchema } from 'or3-sync/schema'
import { simSchema } from '../../../src/testing/simulation/sim-schema'
import { appVersion } from '../../support/history'
import type { KillBench } from '../../support/kill-bench'

export interface KillScript {
  /** What has happened before. Default: the database is open, its engine is not started. */
  prepare?: (bench: KillBench) => Promise<void>
  /** In the middle of which the tab is killed. */
  act: (bench: KillBench) => Promise<unknown>
  /** `pk=edit` of the rows that the device has in the end, unless nothing of it was stored. */
  ends: string
  /** What must hold on the disk just then, beside what always does. */
  check?: (bench: KillBench) => void
  /** The app that is opened after the kill. Default: the same. */
  schema?: SyncSchema
  /** What the app does once it is open again. */
  afterwards?: (bench: KillBench) => Promise<void>
}

const row = (id: string, edit: string, more: object = {}) => ({ id, edit, parent: null, ...more })
const rows = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => row(`${prefix}${index}`, `${prefix}${index}`))
const remoteRows = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${String(index).padStart(3, '0')}`, 'far']))

/** Three rows that nobody has sent yet. */
async function written(bench: KillBench): Promise<void> {
  await bench.finish(bench.engine.db.items.bulkPut(rows('a', 3)))
}

/** The same, and the store has them, too. */
async function synced(bench: KillBench): Promise<void> {
  await written(bench)
  await bench.rest()
}

/** The same, with the engine at a stop: only what the app does is interrupted. */
async function known(bench: KillBench): Promise<void> {
  await synced(bench)
  await bench.finish(bench.engine.stop())
}

/** One refused edit, beside a newer one of somebody else. */
async function refused(bench: KillBench): Promise<void> {
  await synced(bench)
  await bench.finish(bench.engine.db.items.put({ ...row('a1', ''), edit: 5 as never }))
  await bench.rest()
  await bench.remote({ a1: 'theirs' }, 7)
  await bench.rest()
  expect(bench.outbox()).toMatchObject([{ status: 'failed', failure: { remote: { payload: { edit: 'theirs' } } } }])
}

const CAPTURE: Record<string, KillScript> = {
  'the first edit of a new database': { ends: 'a=a', prepare: async () => {}, act: ({ engine: { db } }) => db.items.put(row('a', 'a')) },
  'a put in a transaction that names only its table': { ends: 'a=a', act: ({ engine: { db } }) => db.transaction('rw', db.items, () => db.items.put(row('a', 'a'))) },
  'a bulk put over rows old and new': { ends: 'a0=a0\' a1=a1\' a2=a2 b0=b0\' b1=b1\' b2=b2\'', prepare: written, act: ({ engine: { db } }) => db.items.bulkPut([...rows('a', 2), ...rows('b', 3)].map(each => ({ ...each, edit: `${each.edit}'` }))) },
  'a bulk add of which some rows exist': { ends: 'a0=a0 a1=a1 a2=a2 b0=b0 b1=b1', prepare: written, act: ({ engine: { db } }) => db.transaction('rw', db.items, async () => { await db.items.bulkAdd([...rows('a', 2), ...rows('b', 2)]).catch(() => {}) }) },
  'an update': { ends: 'a0=a0 a1=new a2=a2', prepare: written, act: ({ engine: { db } }) => db.items.update('a1', { edit: 'new' }) },
  'a modify over a range': { ends: 'a0=a0 a1=new a2=new', prepare: written, act: ({ engine: { db } }) => db.items.where('edit').between('a1', 'a9').modify({ edit: 'new' }) },
  'a delete': { ends: 'a0=a0 a2=a2', prepare: known, act: ({ engine: { db } }) => db.items.delete('a1') },
  'a delete and a create under the same key': { ends: 'a0=a0 a1=again a2=a2', prepare: known, act: ({ engine: { db } }) => db.transaction('rw', db.items, async () => {
    await db.items.delete('a1')
    await db.items.add(row('a1', 'again'))
  }) },
  'a clear': { ends: '', prepare: known, act: ({ engine: { db } }) => db.items.clear() },
  'a transaction over two tables': { ends: 'a0=new a2=a2 d0=d0 d1=d1', prepare: written, act: ({ engine: { db } }) => db.transaction('rw', db.items, db.drafts, async () => {
    await db.items.put(row('a0', 'new'))
    await db.drafts.bulkPut(rows('d', 2))
    await db.items.delete('a1')
  }) },
  'an app\'s transaction that changes its mind': { ends: 'a0=a0 a1=a1 a2=a2', prepare: written, act: ({ engine: { db } }) => db.transaction('rw', db.items, db.drafts, async () => {
    await db.items.put(row('a0', 'never'))
    await db.drafts.bulkPut(rows('d', 2))
    throw new Error('changed my mind')
  }) },
  'an edit that is held back, and released': { ends: 'd=d', act: ({ engine: { db } }) => db.drafts.put(row('d', 'd', { hold: true })).then(() => db.drafts.put(row('d', 'd'))) },
  'an edit that keeps its row to this device from now on': {
    ends: 'd0=d0 d1=d1',
    prepare: async (bench) => {
      await bench.finish(bench.engine.db.drafts.bulkPut(rows('d', 2)))
      await bench.rest()
      await bench.finish(bench.engine.stop())
    },
    act: ({ engine: { db } }) => db.drafts.update('d1', { secret: true }),
  },
}

const ENGINE: Record<string, KillScript> = {
  'an edit and its acknowledgement': { ends: 'a0=a0 a1=a1 a2=a2 b=b', prepare: synced, act: ({ engine: { db } }) => db.items.put(row('b', 'b')) },
  'a delete and its acknowledgement': { ends: 'a0=a0 a2=a2', prepare: synced, act: ({ engine: { db } }) => db.items.delete('a1') },
  'an edit that loses': {
    ends: 'a0=a0 a1=theirs',
    prepare: async (bench) => {
      await synced(bench)
      await bench.finish(bench.engine.stop())
      await bench.remote({ a1: 'theirs', a2: null }, 7)
      await bench.finish(bench.engine.db.items.bulkPut([row('a1', 'mine'), row('a2', 'mine')]))
    },
    act: ({ engine }) => engine.start(),
    check: bench => expect(bench.conflicts().length, 'both losers are kept, or neither has lost').toBe(bench.outbox().length ? 0 : 2),
  },
  'a live page': {
    ends: 'a0=a0 a2=theirs x=theirs',
    prepare: synced,
    act: bench => bench.remote({ a1: null, a2: 'theirs', x: 'theirs' }, 7),
    check: bench => expect(['3 a0=a0 a1=a1 a2=a2', '6 a0=a0 a2=theirs x=theirs'], 'page and cursor').toContain(`${bench.cursor()} ${bench.rows()}`),
  },
  'a page that is set aside in part': {
    ends: 'a0=a0 a1=a1 a2=a2 x=theirs',
    prepare: synced,
    act: bench => bench.remote({ a1: 5 as never, x: 'theirs' }, 7),
    check: bench => expect(['3 a0=a0 a1=a1 a2=a2', '5 a0=a0 a1=a1 a2=a2 x=theirs'], 'page and cursor').toContain(`${bench.cursor()} ${bench.rows()}`),
  },
  'a first sync of several pages': {
    ends: Object.keys(remoteRows(130)).map(pk => `${pk}=far`).join(' '),
    prepare: async (bench) => { await bench.remote(remoteRows(130)) },
    act: ({ engine }) => engine.start(),
    check: bench => expect(bench.rows().match(/=/g)?.length ?? 0, 'what is here and what is noted').toBe(bench.bootstrap()?.pulled ?? (bench.cursor() ? 130 : 0)),
  },
  'a rescan that removes what the store has forgotten': {
    ends: 'a0=a0 a2=a2',
    prepare: async (bench) => {
      await synced(bench)
      await bench.finish(bench.engine.stop())
      await bench.remote({ a1: null }, 7)
      await bench.backend.gc({ now: bench.time.now + 1, retentionMs: 0, cursorExpiryMs: 0 })
    },
    act: ({ engine }) => engine.start(),
  },
  'the return of a restored store': {
    ends: 'a0=a0 a2=new b=b',
    prepare: async (bench) => {
      await synced(bench)
      const restore = bench.backUp()
      await bench.finish(bench.engine.db.transaction('rw', bench.engine.db.items, async () => {
        await bench.engine.db.items.delete('a1')
        await bench.engine.db.items.bulkPut([row('a2', 'new'), row('b', 'b')])
      }))
      await bench.rest()
      await bench.finish(bench.engine.stop())
      await restore()
    },
    act: ({ engine }) => engine.start(),
  },
  'a stamp made anew after a wrong clock': {
    ends: 'a0=a0 a1=new b=b',
    prepare: async (bench) => {
      await synced(bench)
      bench.skew = 3_600_000
    },
    act: ({ engine: { db } }) => db.transaction('rw', db.items, async () => {
      await db.items.put(row('a1', 'new'))
      await db.items.delete('a2')
      await db.items.put(row('b', 'b'))
    }),
  },
  'a create that rises above a delete it could not know': {
    ends: 'a1=mine',
    prepare: async (bench) => {
      await bench.remote({ a1: 'theirs' })
      await bench.remote({ a1: null }, 2)
      bench.time.jump(1_000)
      await bench.finish(bench.engine.db.items.put(row('a1', 'mine')))
    },
    act: ({ engine }) => engine.start(),
  },
  'a refusal': { ends: 'a0=a0 a1=5 a2=a2 b=b', prepare: synced, act: ({ engine: { db } }) => db.items.bulkPut([row('b', 'b'), { ...row('a1', ''), edit: 5 as never }]) },
  'a retry of a refused edit': { ends: 'a0=a0 a1=5 a2=a2', prepare: refused, act: ({ engine }) => engine.queue.retry() },
  'a discard of a refused edit': { ends: 'a0=a0 a1=theirs a2=a2', prepare: refused, act: bench => bench.engine.queue.discard(bench.outbox()[0]!.ops[0]!.opId) },
  'an upgrade of the schema that drops a table with waiting edits': {
    ends: 'a=a d0=d0 d1=d1',
    prepare: async (bench) => {
      await bench.finish(bench.engine.db.drafts.bulkPut(rows('d', 2)))
      bench.kill()
      bench.open(appVersion(2, ['items']))
    },
    act: ({ engine: { db } }) => db.items.put(row('a', 'a')),
    schema: appVersion(3, ['items', 'drafts']),
  },
  'the adoption of local rows': {
    ends: 'l0=l0 l1=l1 l2=l2',
    prepare: async (bench) => {
      const local = openLocal(bench)
      await bench.finish(local.table('items').bulkPut(rows('l', 3)))
      local.close()
    },
    act: adopt,
    afterwards: async (bench) => { await bench.finish(adopt(bench)) },
  },
}

const openLocal = (bench: KillBench) => createLocalDatabase({ schema: simSchema as unknown as SyncSchema, ...bench.dependencies })

async function adopt(bench: KillBench): Promise<void> {
  const local = openLocal(bench)
  await moveLocalRows(local, bench.engine.db as never, simSchema as unknown as SyncSchema)
  local.close()
}

/** What a tab may be in the middle of. */
export const BENCH_SCRIPTS: Record<string, KillScript> = { ...CAPTURE, ...ENGINE }
