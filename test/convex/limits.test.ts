import { beforeEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { defineSyncFunctions } from 'or3-sync/convex'
import { z } from 'zod'
import type { OpOptions } from '../../src/testing/contract/make-op'
import { api, openDeployment } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'
import { refusalOf } from './support/refusal-of'
import { wireOp } from './support/wire-op'

describe('what one call takes', () => {
  let deployment: TestDeployment
  beforeEach(async () => { deployment = await openDeployment() })

  const push = (ops: ReturnType<typeof wireOp>[], who = 'ada') => deployment.withIdentity({ subject: who }).mutation(api.sync.push, { workspaceId: 'w1', ops })
  const pull = (args: object = {}) => deployment.withIdentity({ subject: 'ada' }).query(api.sync.pull, { workspaceId: 'w1', cursor: 0, limit: 2_000, ...args })
  const version = async () => (await deployment.withIdentity({ subject: 'ada' }).query(api.sync.watchChanges, { workspaceId: 'w1' })).latestVersion
  const rows = (count: number, bytes: number, options: OpOptions = {}) => Array.from({ length: count }, (_, index) =>
    wireOp({ pk: `row-${index}`, payload: { id: `row-${index}`, title: 'x'.repeat(bytes) }, ...options }))
  /** As a client does it: what is too large goes in halves. */
  const pushInHalves = async (ops: ReturnType<typeof wireOp>[], who = 'ada'): Promise<Awaited<ReturnType<typeof push>>['results']> => {
    try { return (await push(ops, who)).results }
    catch (error) { if (await refusalOf(Promise.reject(error)) !== 'OVERSIZED') throw error }
    const half = Math.ceil(ops.length / 2)
    return [...await pushInHalves(ops.slice(0, half), who), ...await pushInHalves(ops.slice(half), who)]
  }

  /** As pushes would have left them: convex-test looks at every document for every index range, and so many pushes take their time. */
  const storeTombstones = (count: number) => deployment.run(async ({ db }) => {
    await db.insert('sync_counters', { workspace_id: 'w1', value: count, gc_floor: 0 })
    for (let version = 1; version <= count; version++) {
      const { stamp: { clock, hlc, opId, deviceId } } = wireOp({ pk: `gone-${version}`, op: 'delete' })
      await db.insert('change_log', {
        workspace_id: 'w1', table_name: 'todos', pk: `gone-${version}`, server_version: version, op: 'delete',
        clock, hlc, op_id: opId, device_id: deviceId, written_at: version, collected: false, payload_bytes: 0,
      })
    }
  })

  it('is 500 ops: one more is refused whole', async () => {
    expect(await refusalOf(push(rows(501, 10)))).toBe('OVERSIZED')
    expect(await version()).toBe(0)
    expect((await push(rows(500, 10))).applied).toBe(500)
  })

  it('is told with the refusal: which limit it was', async () => {
    const reasonOf = (ops: ReturnType<typeof wireOp>[]) => refusalOf(push(ops), 'message')
    expect(await reasonOf(rows(501, 10))).toBe('OVERSIZED a batch has at most 500 ops; send fewer ops')
    expect(await reasonOf(rows(5, 220_000))).toBe('OVERSIZED a batch brings at most 1048576 bytes; send fewer ops')
    for (let start = 0; start < 6; start += 2) await push(rows(6, 100_000, { device: 'device-2' }).slice(start, start + 2), 'bob')
    expect(await reasonOf(rows(6, 10, { clock: 2, base: null }))).toBe('OVERSIZED the stored edits that a batch replaces or is answered with have at most 524288 bytes; send fewer ops')
  })

  it('is 1 MiB of payloads, and a single row whatever its table allows', async () => {
    expect(await refusalOf(push(rows(5, 220_000)))).toBe('OVERSIZED')
    expect(await version()).toBe(0)
    expect((await push(rows(4, 220_000))).applied).toBe(4)
    expect((await push(rows(1, 290_000, { clock: 2 }))).applied).toBe(1)
    expect((await push(rows(1, 300_000, { clock: 3 }))).results[0]).toMatchObject({ success: false, errorCode: 'OVERSIZED' })
  })

  it('is so much of what it replaces that halving the batch always helps, and then nothing is lost', async () => {
    await pushInHalves(rows(20, 200_000, { device: 'device-2' }), 'bob')
    const mine = rows(20, 10, { clock: 2, base: null })
    expect(await refusalOf(push(mine))).toBe('OVERSIZED')
    const results = await pushInHalves(mine)
    expect(results.map(({ overwrote }) => overwrote?.payload)).toEqual(rows(20, 200_000).map(({ payload }) => payload))
  })

  it('remembers a conflict of rows as large as they may be, and repeats it', async () => {
    const title = '"'.repeat(140_000)
    await push([wireOp({ pk: 'a', device: 'device-2', payload: { id: 'a', title } })], 'bob')
    await push([wireOp({ pk: 'a', clock: 2, base: null, payload: { id: 'a', title: 'mine' } })])
    await push([wireOp({ pk: 'a', clock: 3, device: 'device-2', payload: { id: 'a', title: `${title} later` } })], 'bob')
    // The answer to clock 2 never arrived: now two revisions of 280 kB are told at once, which no memory of one document holds.
    const unaware = wireOp({ pk: 'a', clock: 4, base: null, payload: { id: 'a', title: 'mine again' } })
    const first = (await push([unaware])).results[0]!
    expect([first.overwrote?.stamp.clock, first.overwroteEarlier?.map(({ stamp }) => stamp.clock)]).toEqual([3, [1]])
    const again = (await push([unaware])).results[0]!
    expect([again.replayed, again.overwrote?.payload]).toEqual([true, JSON.stringify({ id: 'a', title: `${title} later` })])
  })

  it('is a page of 500 rows or 2 MiB, and 2,000 rows looked at: the cursor stands where it stopped', async () => {
    await storeTombstones(2_100)
    await push([wireOp({ pk: 'last' })])
    expect(await pull({ bootstrap: true })).toMatchObject({ changes: [], nextCursor: 2_000, hasMore: true, latestVersion: 2_101 })
    expect(await pull({ bootstrap: true, cursor: 2_000 })).toMatchObject({ changes: [{ pk: 'last' }], nextCursor: 2_101, hasMore: false })
    expect(await pull({ tables: ['notes'] })).toMatchObject({ changes: [], nextCursor: 2_000, hasMore: true })
    const page = await pull()
    expect([page.changes.length, page.nextCursor, page.hasMore]).toEqual([500, 500, true])
    const walk = await pull({ order: 'desc', limit: 1 })
    expect([walk.changes[0]?.pk, walk.nextCursor]).toEqual(['last', 2_101])
  })

  it('is so much of what its writers were answered that halving the batch always helps, and then no answer is lost', async () => {
    const node = (tab: number) => `tabtab${String(tab).padStart(2, '0')}`
    const tabs = Array.from({ length: 20 }, (_, tab) => tab)
    const replaced = (tab: number) => ({ id: `row-${tab}`, title: '"'.repeat(140_000) })
    const mine = tabs.map(tab => wireOp({ pk: `row-${tab}`, clock: 2, node: node(tab), base: null, payload: { id: `row-${tab}`, title: 'mine' } }))
    for (const tab of tabs) {
      await push([wireOp({ pk: `row-${tab}`, payload: replaced(tab), device: 'device-2' })], 'bob')
      await push([mine[tab]!])
    }
    // Of rows that are new, so that nothing else about them is too large.
    expect(await refusalOf(push(tabs.map(tab => wireOp({ pk: `new-${tab}`, node: node(tab) }))))).toBe('OVERSIZED')
    const results = await pushInHalves(mine)
    expect(results.map(({ replayed, overwrote }) => [replayed, overwrote?.payload?.length])).toEqual(tabs.map(tab => [true, JSON.stringify(replaced(tab)).length]))
  })

  it('ends a page before 2 MiB, after one row at least', async () => {
    await pushInHalves(rows(10, 250_000))
    const { changes, hasMore } = await pull({ maxBytes: 100_000_000 })
    expect([changes.length, hasMore]).toEqual([8, true])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 0.5])('refuses a page of %d bytes', async (maxBytes) => {
    expect(await refusalOf(pull({ maxBytes }))).toBe('VALIDATION_ERROR')
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses a push after a purge at %d: the purge would count for nothing', async (purgedBefore) => {
    const ada = deployment.withIdentity({ subject: 'ada' })
    expect(await refusalOf(ada.mutation(api.sync.push, { workspaceId: 'w1', ops: rows(1, 10), purgedBefore }))).toBe('VALIDATION_ERROR')
    expect(await version()).toBe(0)
  })

  it('refuses, when it is defined, a table whose rows would not fit', () => {
    const schema = defineSyncSchema({ version: 1, tables: { films: { schema: z.object({ id: z.string() }), primaryKey: 'id', maxBytes: 400_000 } } })
    expect(() => defineSyncFunctions({ schema, authorize: () => null })).toThrow('table "films": maxBytes is 400000; on Convex a row has at most 393216 bytes')
  })

  it('refuses a bad op alone, by the rules of the gateway', async () => {
    const bad = [
      { ...wireOp({ pk: 'a' }), payload: 'no json' },
      { ...wireOp({ pk: 'b' }), payload: '[]' },
      { ...wireOp({ pk: 'c' }), payload: '{"id":"other","title":"x"}' },
      { ...wireOp({ pk: 'd' }), tableName: 'unknown' },
      { ...wireOp({ pk: 'd' }), operation: 'patch' as never },
      { ...wireOp({ pk: 'e' }), base: { clock: 0, hlc: 'x' } },
      wireOp({ pk: 'f', payload: { id: 'f', title: 7 } }),
    ]
    const { results, applied } = await push([wireOp({ pk: 'first' }), ...bad, wireOp({ pk: 'last' })])
    expect(results.map(({ errorCode }) => errorCode)).toEqual([undefined, ...Array.from({ length: 7 }, () => 'VALIDATION_ERROR'), undefined])
    expect(applied).toBe(2)
  })

  it('pitfall 34: stores no name that could change a record\'s identity or its prototype', async () => {
    await push([{ ...wireOp({ pk: 'a' }), payload: '{"id":"a","title":"x","_id":"1","workspace_id":"w3","constructor":1,"deep":{"__proto__":{"y":1},"kept":2}}' }])
    expect((await pull()).changes[0]?.payload).toBe('{"id":"a","title":"x","deep":{"kept":2}}')
  })
})
