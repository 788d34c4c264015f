import Dexie from 'dexie'
import type { Collection, IndexableType, Table } from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerPlan } from '#or3-sync/shared/sync/query/answer-plan'
import { compareKeys, isKey } from '#or3-sync/shared/sync/query/compare-keys'
import { indexKeys } from '#or3-sync/shared/sync/query/index-keys'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { INDEXES, randomPlans, randomRows } from '../../../support/random-plans'
import type { RandomRow } from '../../../support/random-plans'

const ALL: QueryPlan = { table: 'rows', index: null, range: null, isReversed: false, offset: 0, limit: null, result: 'rows' }

async function withDexie<T>(rows: readonly RandomRow[], work: (table: Table<RandomRow>) => PromiseLike<T>): Promise<T> {
  const db = new Dexie('rows', { indexedDB: new IDBFactory(), IDBKeyRange })
  db.version(1).stores({ rows: ['id', ...INDEXES].join(', ') })
  try {
    await db.table('rows').bulkPut([...rows])
    return await work(db.table('rows'))
  }
  finally { db.close() }
}

function select(table: Table<RandomRow>, { index, range }: QueryPlan): Collection<RandomRow> {
  const name = index?.replace('*', '') ?? ':id'
  if (!range) return table.orderBy(name)
  const where = table.where(name)
  switch (range.kind) {
    case 'equals': return where.equals(range.value as IndexableType)
    case 'above': return range.isInclusive ? where.aboveOrEqual(range.value) : where.above(range.value)
    case 'below': return range.isInclusive ? where.belowOrEqual(range.value) : where.below(range.value)
    case 'between': return where.between(range.lower, range.upper, range.includesLower, range.includesUpper)
    case 'startsWith': return where.startsWith(range.prefix)
    case 'anyOf': return where.anyOf(range.values as IndexableType[])
  }
}

async function askDexie(rows: readonly RandomRow[], plan: QueryPlan): Promise<unknown> {
  return await withDexie(rows, (table) => {
    let found = select(table, plan)
    if (plan.isReversed) found = found.reverse()
    if (plan.offset) found = found.offset(plan.offset)
    if (plan.limit !== null) found = found.limit(plan.limit)
    const answer: PromiseLike<unknown> = plan.result === 'rows' ? found.toArray() : plan.result === 'count' ? found.count() : found.first()
    return answer
  })
}

/** IndexedDB refuses a range between a key and itself that has neither of them. */
const isRefused = ({ range }: QueryPlan) => range?.kind === 'between' && !range.includesLower && !range.includesUpper && compareKeys(range.lower, range.upper) === 0

describe('a plan is answered from a list of rows', () => {
  it('as Dexie answers it from IndexedDB', async () => {
    await fc.assert(fc.asyncProperty(randomRows, randomPlans('rows'), async (rows, plan) => {
      fc.pre(!isRefused(plan))
      expect(answerPlan(plan, rows, 'id')).toEqual(await askDexie(rows, plan))
    }), { numRuns: 600 })
  })

  it('without a row between a key and itself, if neither is wanted', () => {
    const range = { kind: 'between', lower: 'a', upper: 'a', includesLower: false, includesUpper: false } as const
    expect(answerPlan({ ...ALL, range }, [{ id: 'a' }], 'id')).toEqual([])
  })

  it('with a row for each of its tags that is asked for', () => {
    const rows = [{ id: '1', tags: ['b', 'a', 'a', null] }, { id: '2', tags: 'b' }, { id: '3' }]
    const ids = (plan: Partial<QueryPlan>) => (answerPlan({ ...ALL, index: '*tags', ...plan }, rows, 'id') as RandomRow[]).map(row => row.id)
    expect(ids({})).toEqual(['1', '1', '2'])
    expect(ids({ range: { kind: 'anyOf', values: ['b', 'a', 'b'] }, isReversed: true })).toEqual(['2', '1', '1'])
  })

  it('in the order of primary keys where the keys of the index are equal', () => {
    const rows = ['b', '\uE000', 'a', '😀'].map(id => ({ id, a: 1 }))
    const ids = (isReversed: boolean) => (answerPlan({ ...ALL, index: 'a', isReversed }, rows, 'id') as RandomRow[]).map(row => row.id)
    // By code units: those of the emoji are below U+E000.
    expect(ids(false)).toEqual(['a', 'b', '😀', '\uE000'])
    expect(ids(true)).toEqual(['\uE000', '😀', 'b', 'a'])
  })
})

describe('keys', () => {
  it('are what IndexedDB takes, in its order', () => {
    const factory = new IDBFactory()
    const anything = fc.oneof(randomRows.map(rows => rows.flatMap(row => Object.values(row))), fc.constant([[['a', [1]], ['a', [2, 'x']]], [], new Uint8Array([2, 1]), new Uint8Array([2]).buffer]))
    fc.assert(fc.property(anything, (values) => {
      for (const value of values) expect(isKey(value)).toBe(takes(factory, value))
      const keys = values.filter(isKey)
      for (const a of keys) for (const b of keys) expect(Math.sign(compareKeys(a, b))).toBe(factory.cmp(a, b))
    }))
  })

  it('of a row are those under which the index has it', () => {
    const row = { id: 'r', a: 1, b: true, c: new Date(5), tags: ['x', 1, 'x', false], meta: { kind: 'k' }, title: '😀' }
    const keys = (index: string | null) => indexKeys(index, row, 'id')
    expect([null, 'a', 'b', 'none', 'meta.kind', 'a.kind', '[a+c]', '[a+b]', '*tags', '*a', '*b', 'title.length', 'toString'].map(keys)).toEqual([
      ['r'], [1], [], [], ['k'], [], [[1, new Date(5)]], [], [1, 'x'], [1], [], [2], [],
    ])
  })
})

function takes(factory: IDBFactory, value: unknown): boolean {
  try {
    factory.cmp(value, value)
    return true
  }
  catch { return false }
}
