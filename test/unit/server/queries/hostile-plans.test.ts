import type { H3Event } from 'h3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PageReader } from '#or3-sync/shared/sync/query/page-reader'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { createSyncGateway, memoryBackend, sqliteBackend } from 'or3-sync/server'
import type { SyncBackend, SyncGateway } from 'or3-sync/server'
import { NOW } from '../support/make-op'
import { ALL, find, keysFound, pushRows, schema } from './query-store'

const { plain } = schema.tables
const range = (kind: unknown, more: object = {}) => ({ index: 'a', range: { kind, ...more } })
const equals = (value: unknown) => range('equals', { value })
const nested = (depth: number) => {
  let list: unknown = []
  for (let level = 0; level < depth; level++) list = [list]
  return list
}
const cyclic = () => {
  const list: unknown[] = []
  list.push(list)
  return list
}
const values = (count: number) => Array.from({ length: count }, (_, index) => `value-${index}`)

describe.each([['memory', memoryBackend], ['sqlite', () => sqliteBackend({ path: ':memory:' })]])('plans of any form (%s)', (_, open) => {
  let backend: SyncBackend
  let sync: SyncGateway
  let reader: PageReader
  let log: unknown[]
  beforeEach(async () => {
    log = []
    backend = open()
    await backend.prepare?.({ schema, mayTakeLong: false })
    sync = createSyncGateway({
      schema, backend, now: () => NOW,
      session: () => ({ userId: 'ada', workspaces: [{ id: 'w1', role: 'viewer' }] }),
      logger: { warn: (_, fields) => log.push(fields?.error), error: message => log.push(message) },
    }) as SyncGateway
    reader = (await sync.pageReader({ node: { req: { headers: {} }, res: { headersSent: true } }, context: {} } as unknown as H3Event))!
  })
  afterEach(() => sync.close())
  const read = async (plan: unknown) => (await reader.read(plan as QueryPlan)).value

  it.each([
    ['no plan', null, 'a query must be a plan'],
    ['a text', 'todos', 'a query must be a plan'],
    ['a table of a prototype', { table: '__proto__' }, 'there is no table "__proto__"'],
    ['a table that is no text', { table: Symbol('plain') }, 'there is no table'],
    ['an index of a prototype', { index: 'toString' }, 'has no index "toString"'],
    ['an index that is a list', { index: ['a'] }, 'has no index'],
    ['an index that is absent', { index: undefined }, 'has no index'],
    ['a limit above all integers', { limit: 2 ** 53 }, 'no whole number'],
    ['a limit without an end', { limit: Infinity }, 'no whole number'],
    ['a bigint as limit', { limit: 5n }, 'no whole number'],
    ['an offset that is no number', { offset: Number.NaN }, 'no whole number'],
    ['a bigint as key', equals(5n), 'which is no key'],
    ['NaN as bound', range('between', { lower: Number.NaN, upper: 1 }), 'asks for NaN, which is no key'],
    ['bytes, which have no text', equals(new Uint8Array([1]).buffer), 'which is no key'],
    ['a list with holes', equals(Object.assign([], { length: 2 })), 'which is no key'],
    ['a list of 100,000 levels', equals(nested(100_000)), 'which is no key'],
    ['a list that has itself', equals(cyclic()), 'which is no key'],
    ['a range of an unknown kind', range('constructor', { value: 1 }), 'a range of an unknown kind'],
    ['a range that is a text', { index: 'a', range: 'above' }, 'a range of an unknown kind'],
    ['a prefix that is a number', range('startsWith', { prefix: 5 }), 'a startsWith without a text'],
    ['a prefix that is a list', range('startsWith', { prefix: ['a'] }), 'a startsWith without a text'],
    ['an anyOf of a text', range('anyOf', { values: 'abc' }), 'an anyOf without a list'],
    ['an anyOf of something like a list', range('anyOf', { values: { length: 1e9 } }), 'an anyOf without a list'],
    ['an unknown result', { result: 'toString' }, 'must ask for rows, count or row'],
  ])('%s is refused as such, and logged', async (_, plan, message) => {
    const given = typeof plan === 'object' && plan !== null ? { ...ALL, ...plan } : plan
    await expect(read(given)).rejects.toMatchObject({ name: 'SyncError', code: 'VALIDATION_ERROR', message: expect.stringContaining(message) as string })
    expect(log).toMatchObject([{ code: 'VALIDATION_ERROR' }])
  })

  it('100,000 values of anyOf are refused at once, 1,000 are answered', async () => {
    await pushRows(backend, 'w1', plain, [{ id: 'value-7', a: 'value-7', tags: ['value-7', 'x'] }])
    const startedAt = performance.now()
    for (const index of [null, 'a', '*tags']) {
      await expect(read({ ...ALL, index, range: { kind: 'anyOf', values: values(100_000) } })).rejects.toMatchObject({ code: 'OVERSIZED' })
    }
    expect(performance.now() - startedAt).toBeLessThan(500)
    for (const index of [null, 'a', '*tags']) expect(await read({ ...ALL, index, range: { kind: 'anyOf', values: values(1_000) } })).toMatchObject([{ id: 'value-7' }])
  })

  it('the largest numbers, the longest texts and infinite bounds find what there is', async () => {
    await pushRows(backend, 'w1', plain, [{ id: '1', a: 5 }, { id: '2', a: Infinity }, { id: '3', a: 'text' }])
    expect(await read({ ...ALL, offset: Number.MAX_SAFE_INTEGER, limit: Number.MAX_SAFE_INTEGER })).toEqual([])
    expect(await read({ ...ALL, ...range('between', { lower: -Infinity, upper: Infinity, includesLower: true, includesUpper: true }) })).toMatchObject([{ id: '1' }, { id: '2' }])
    expect(await read({ ...ALL, ...equals('x'.repeat(1_000_000)) })).toEqual([])
    expect(await read({ ...ALL, ...equals(nested(60)) })).toEqual([])
  })

  it('a row with 10,000 tags does not hold up the server', async () => {
    await pushRows(backend, 'w1', plain, [{ id: 'many', tags: Array.from({ length: 10_001 }, (_, index) => index % 10_000) }, { id: 'few', tags: [1] }])
    const startedAt = performance.now()
    expect(await keysFound(backend, 'w1', { index: '*tags', range: { kind: 'equals', value: 1 } })).toEqual(['few', 'many'])
    expect(await keysFound(backend, 'w1', { index: '*tags', range: { kind: 'anyOf', values: Array.from({ length: 1_000 }, (_, index) => -1 - index) } })).toEqual([])
    expect((await find(backend, 'w1', { index: '*tags', result: 'count' })).value).toBe(10_001)
    const rows = Array.from({ length: 30 }, (_, row) => ({ id: `row-${row}`, tags: Array.from({ length: 4_000 }, (_, index) => index) }))
    await pushRows(backend, 'w1', plain, rows)
    await expect(find(backend, 'w1', { index: '*tags', limit: 1 })).rejects.toMatchObject({ code: 'OVERSIZED', message: expect.stringContaining('more than 100000 keys of an index') as string })
    // Comparing each tag with each other takes many seconds.
    expect(performance.now() - startedAt).toBeLessThan(6_000)
  })
})
