import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toLocalRow } from '#or3-sync/shared/sync/rows/validate-payload'
import { defineSyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { QueryKey, QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { passOn } from '../../../../src/testing/pass-on'
import type { SyncBackend } from '../../../../server/lib/backends/backend'
import { memoryBackend } from '../../../../server/lib/backends/memory'
import { sqliteBackend } from '../../../../server/lib/backends/sqlite/sqlite'
import { findRows } from '../../../../server/lib/service/find-rows'
import { acceptedOp, NOW } from '../support/make-op'
import { ALL, find, keysFound, pushRows, schema } from './query-store'

const WORKSPACE = 'w1'
const { plain } = schema.tables

let folder: string
let backends: { memory: SyncBackend, sqlite: SyncBackend }
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'or3-find-'))
  backends = { memory: memoryBackend(), sqlite: sqliteBackend({ path: join(folder, 'store.sqlite') }) }
  await backends.sqlite.prepare!({ schema, mayTakeLong: false })
})
afterEach(async () => {
  await backends.sqlite.close()
  rmSync(folder, { recursive: true, force: true })
})

const equals = (value: QueryKey): Partial<QueryPlan> => ({ index: 'a', range: { kind: 'equals', value } })
const rowsOf = (count: number, row: (index: number) => Record<string, unknown> = () => ({})) =>
  Array.from({ length: count }, (_, index) => ({ id: `row-${String(index).padStart(5, '0')}`, ...row(index) }))
const remove = (backend: SyncBackend, pk: string) => backend.push({ workspaceId: WORKSPACE, userId: 'ada', items: [acceptedOp({ table: 'plain', pk, op: 'delete', clock: 9 })], now: NOW })

describe.each(['memory', 'sqlite'] as const)('a query answered from %s', (name) => {
  it('brings rows as a device stores them, with the version and the epoch of the store', async () => {
    const when = new Date(5)
    const [row] = await pushRows(backends[name], WORKSPACE, plain, [{ id: 'r', a: when, bytes: new Uint8Array([1]), big: 3n }])
    const page = await backends[name].pull({ workspaceId: WORKSPACE, cursor: 0, limit: 1, order: 'asc', bootstrap: false, maxBytes: 1 })
    expect(await find(backends[name], WORKSPACE, { ...equals(when), result: 'row' })).toEqual({ value: row, version: 1, epoch: page.epoch })
  })

  it('has nothing of a workspace that nobody has written to, or of another one', async () => {
    await pushRows(backends[name], 'w2', plain, [{ id: 'r', a: 1 }])
    for (const plan of [{}, equals(1)]) expect(await find(backends[name], WORKSPACE, plan)).toMatchObject({ value: [], version: 0 })
  })

  it('leaves out what is deleted, and what a device would not show', async () => {
    const strict = defineSyncSchema({ version: 2, tables: { plain: { schema: z.object({ id: z.string(), a: z.number(), b: z.literal('good') }), primaryKey: 'id', indexes: ['a'] } } })
    await backends[name].prepare?.({ schema: strict, mayTakeLong: false })
    await pushRows(backends[name], WORKSPACE, plain, rowsOf(6, index => ({ a: 1, b: index % 2 ? 'good' : 'bad' })))
    await remove(backends[name], 'row-00003')
    await backends[name].push({ workspaceId: WORKSPACE, userId: 'ada', items: [acceptedOp({ table: 'plain', pk: 'other-key', payload: { id: 'x', a: 1, b: 'good' } })], now: NOW })
    const ids = ['row-00001', 'row-00005']
    expect(await keysFound(backends[name], WORKSPACE, equals(1), strict)).toEqual(ids)
    expect(await keysFound(backends[name], WORKSPACE, { ...equals(1), limit: 2 }, strict), 'a limit counts what is shown').toEqual(ids)
    expect((await find(backends[name], WORKSPACE, { ...equals(1), result: 'count' }, strict)).value).toBe(2)
  })

  it('brings a row that was stored before its field got another name on the wire', async () => {
    const { renamed } = schema.tables
    await backends[name].push({ workspaceId: WORKSPACE, userId: 'ada', items: [
      acceptedOp({ table: renamed.wireName, pk: 'old', payload: { key: 'old', a: 'x' } }),
      acceptedOp({ table: renamed.wireName, pk: 'both', payload: { key: 'both', a: 'x', wire_a: 'y' } }),
    ], now: NOW })
    expect(toLocalRow(renamed, { key: 'old', a: 'x' })).toEqual({ id: 'old', a: 'x' })
    expect(await keysFound(backends[name], WORKSPACE, { table: 'renamed', ...equals('x') })).toEqual(['old'])
    expect(await keysFound(backends[name], WORKSPACE, { table: 'renamed', ...equals('y') })).toEqual(['both'])
  })

  it('brings an upgraded row by the key that the upgrade gives it', async () => {
    const { upgraded } = schema.tables
    await backends[name].push({ workspaceId: WORKSPACE, userId: 'ada', items: [acceptedOp({ table: 'upgraded', pk: 'r', payload: { id: 'r', old_a: 'x' } })], now: NOW })
    expect((await find(backends[name], WORKSPACE, { table: 'upgraded', ...equals('x'), result: 'row' })).value).toMatchObject({ id: 'r', a: 'x', clock: 1 })
    expect(upgraded.upgradeRow).toBeTypeOf('function')
  })

  it('takes bounds as texts of UTF-16', async () => {
    await pushRows(backends[name], WORKSPACE, plain, [{ id: '1', a: '😀' }, { id: '2', a: 'b' }, { id: '3', a: '\uFF0C' }, { id: '4', a: 'b😀' }])
    expect(await keysFound(backends[name], WORKSPACE, { index: 'a', range: { kind: 'below', value: '\uE000', isInclusive: false } })).toEqual(['2', '4', '1'])
    expect(await keysFound(backends[name], WORKSPACE, { index: 'a', range: { kind: 'above', value: '\uE000', isInclusive: true } })).toEqual(['3'])
    expect(await keysFound(backends[name], WORKSPACE, { index: 'a', range: { kind: 'between', lower: 'b', upper: 'b\uFFFF', includesLower: true, includesUpper: true } })).toEqual(['2', '4'])
  })

  it('keeps arrays and bytes in the order of IndexedDB', async () => {
    await pushRows(backends[name], WORKSPACE, plain, [{ id: '1', a: ['b'] }, { id: '2', a: ['a'] }, { id: '3', a: new Uint8Array([9]) }, { id: '4', a: new Uint8Array([8]) }, { id: '5', a: 'text' }])
    expect(await keysFound(backends[name], WORKSPACE, { index: 'a', offset: 1, limit: 1 })).toEqual(['4'])
    expect(await keysFound(backends[name], WORKSPACE, { index: 'a', isReversed: true, limit: 1 })).toEqual(['1'])
    expect(await keysFound(backends[name], WORKSPACE, { index: 'a', limit: 1 })).toEqual(['5'])
  })

  it('brings at most 1,000 rows, and asks for a limit otherwise', async () => {
    await pushRows(backends[name], WORKSPACE, plain, rowsOf(1_001, () => ({ a: 1 })))
    await expect(find(backends[name], WORKSPACE, equals(1))).rejects.toMatchObject({ code: 'OVERSIZED', message: 'the answer to this query of table "plain" has more than 1000 rows, too much for a page; set a limit' })
    await expect(find(backends[name], WORKSPACE, { ...equals(1), limit: 1_001 })).rejects.toThrow('set a lower limit')
    expect((await keysFound(backends[name], WORKSPACE, { ...equals(1), limit: 1_000 })).length).toBe(1_000)
    expect((await find(backends[name], WORKSPACE, { ...equals(1), result: 'count' })).value).toBe(1_001)
  })

  it('brings at most 2 MiB', async () => {
    await pushRows(backends[name], WORKSPACE, plain, rowsOf(12, () => ({ a: 1, text: 'é'.repeat(100_000) })))
    await expect(find(backends[name], WORKSPACE, equals(1))).rejects.toThrow('has more than 2097152 bytes, too much for a page; set a limit')
    expect((await keysFound(backends[name], WORKSPACE, { ...equals(1), limit: 10 })).length).toBe(10)
  })

  it.each([
    [{ table: 'none' }, 'there is no table "none"; declared are "plain", "renamed", "upgraded"'],
    [{ table: 'toString' }, 'there is no table "toString"'],
    [{ table: 'renamed_before' }, 'there is no table "renamed_before"'],
    [{ index: 'c' }, 'table "plain" has no index "c"; declared are "a", "meta.kind", "[a+b]"'],
    [{ index: 'a\' OR 1 --' }, 'table "plain" has no index'],
    [equals(Number.NaN), 'asks for NaN, which is no key'],
    [equals(true as never), 'asks for true, which is no key'],
    [equals({} as never), 'asks for an object, which is no key'],
    [{ range: { kind: 'anyOf', values: ['x', null as never] } }, 'asks for null, which is no key'],
    [{ range: { kind: 'between', lower: 1, upper: [undefined as never], includesLower: true, includesUpper: true } }, 'asks for an object, which is no key'],
    [{ limit: -1 }, 'a limit or an offset that is no whole number'],
    [{ offset: 0.5 }, 'a limit or an offset that is no whole number'],
  ] satisfies [Partial<QueryPlan>, string][])('refuses %j', async (plan, message) => {
    const refused = find(backends[name], WORKSPACE, plan)
    await expect(refused).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    await expect(refused).rejects.toThrow(message)
  })
})

describe('a table of more than 10,000 rows', () => {
  const ROWS = 10_001
  beforeEach(async () => {
    for (const backend of Object.values(backends)) await pushRows(backend, WORKSPACE, plain, rowsOf(ROWS, index => ({ a: index % 200, tags: ['t'] })))
  })

  it('is not read as a whole', async () => {
    const refused = expect.objectContaining({ code: 'OVERSIZED', message: expect.stringContaining('more than 10000 rows of table "plain"') as string }) as Error
    await expect(find(backends.memory, WORKSPACE, equals(1))).rejects.toEqual(refused)
    await expect(find(backends.sqlite, WORKSPACE, { index: '*tags', limit: 1 }), 'there is no index for tags').rejects.toEqual(refused)
    await expect(find(backends.sqlite, WORKSPACE, { index: 'a', result: 'count' })).rejects.toEqual(refused)
    await expect(find(backends.sqlite, WORKSPACE, { offset: ROWS - 1, limit: 1 })).rejects.toEqual(refused)
  })

  it('is answered by an index that leads to few of them', async () => {
    expect(await keysFound(backends.sqlite, WORKSPACE, { ...equals(7), isReversed: true, limit: 2 })).toEqual(['row-09807', 'row-09607'])
    expect(await keysFound(backends.sqlite, WORKSPACE, { range: { kind: 'startsWith', prefix: 'row-1000' } })).toEqual(['row-10000'])
    expect(await keysFound(backends.sqlite, WORKSPACE, { index: 'a', isReversed: true, limit: 1 })).toEqual(['row-09999'])
    expect(await keysFound(backends.sqlite, WORKSPACE, { index: '[a+b]', limit: 1 }), 'no row has a "b"').toEqual([])
  })
})

it('more than 8 MiB are not read', async () => {
  await pushRows(backends.memory, WORKSPACE, plain, rowsOf(45, () => ({ text: 'x'.repeat(200_000) })))
  await expect(find(backends.memory, WORKSPACE, { limit: 1 })).rejects.toThrow('more than 8388608 bytes of table "plain"')
  expect(await keysFound(backends.sqlite, WORKSPACE, { limit: 1 })).toEqual([])
})

describe('a table that changes while it is read', () => {
  /** Changes the store after the first page of a scan. Pages are small because the rows are large. */
  function changing(change: () => Promise<unknown>): SyncBackend {
    let pages = 0
    return { ...passOn(backends.memory), pull: async (request) => {
      if (++pages === 2) await change()
      return await backends.memory.pull(request)
    } }
  }
  const large = rowsOf(10, () => ({ text: 'x'.repeat(200_000) }))

  it('is shown as it is at the end', async () => {
    await pushRows(backends.memory, WORKSPACE, plain, large)
    const backend = changing(async () => {
      await remove(backends.memory, 'row-00000')
      await backends.memory.push({ workspaceId: WORKSPACE, userId: 'ada', items: [acceptedOp({ table: 'plain', pk: 'row-00001', clock: 9, payload: { id: 'row-00001', a: 'edited' } })], now: NOW })
    })
    const { value, version } = await find(backend, WORKSPACE, {})
    expect((value as { id: string, a?: string }[]).map(({ id, a }) => [id, a])).toEqual([['row-00001', 'edited'], ...large.slice(2).map(({ id }) => [id, undefined])])
    expect(version).toBe(12)
  })

  it('is not shown if the workspace was erased meanwhile', async () => {
    await pushRows(backends.memory, WORKSPACE, plain, large)
    await expect(find(changing(() => backends.memory.newEpoch()), WORKSPACE, {})).rejects.toThrow('the workspace was erased, or the store restored, while a query read it')
  })

  it('is not read on when nobody waits any more', async () => {
    await pushRows(backends.memory, WORKSPACE, plain, [...large, ...large.map(row => ({ ...row, id: `more-${row.id}` }))])
    const gone = new AbortController()
    const backend = changing(async () => gone.abort(new Error('gone')))
    await expect(findRows({ backend, schema }, { workspaceId: WORKSPACE, userId: 'ada', plan: ALL, signal: gone.signal })).rejects.toThrow('gone')
  })
})

it('with a limit, SQLite takes texts in the order of code points', async () => {
  const rows = ['\uFF0C', '😀'].map((a, index) => ({ id: `r${index}`, a }))
  for (const backend of Object.values(backends)) await pushRows(backend, WORKSPACE, plain, rows)
  expect(await keysFound(backends.memory, WORKSPACE, { index: 'a', limit: 1 }), 'as IndexedDB').toEqual(['r1'])
  expect(await keysFound(backends.sqlite, WORKSPACE, { index: 'a', limit: 1 })).toEqual(['r0'])
  expect(await keysFound(backends.sqlite, WORKSPACE, { index: 'a' }), 'without a limit').toEqual(['r1', 'r0'])
})
