import Dexie from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runPlan } from '#or3-sync/core/sync/face/run-plan'
import { answerPlan } from '#or3-sync/shared/sync/query/answer-plan'
import { INDEXES, randomPlans, randomRows } from '../../support/random-plans'

async function withRows<T>(rows: readonly object[], work: (db: Dexie) => Promise<T>): Promise<T> {
  const db = new Dexie('rows', { indexedDB: new IDBFactory(), IDBKeyRange })
  db.version(1).stores({ rows: ['id', ...INDEXES].join(', ') })
  try {
    await db.table('rows').bulkPut([...rows])
    return await work(db)
  }
  finally { db.close() }
}

describe('a query for both sides, in the browser', () => {
  it('gives the rows that the server gives, in the same order', async () => {
    await fc.assert(fc.asyncProperty(randomRows, randomPlans('rows'), async (rows, plan) => {
      expect(await withRows(rows, db => runPlan(db, plan))).toEqual(answerPlan(plan, rows, 'id'))
    }), { numRuns: 400 })
  })

  it('gives nothing between a key and itself if neither is wanted, which IndexedDB refuses', async () => {
    const plan = { table: 'rows', index: 'a', range: { kind: 'between', lower: 1, upper: 1, includesLower: false, includesUpper: false }, isReversed: false, offset: 0, limit: null } as const
    await withRows([{ id: '1', a: 1 }], async (db) => {
      expect(await runPlan(db, { ...plan, result: 'rows' })).toEqual([])
      expect(await runPlan(db, { ...plan, result: 'count' })).toBe(0)
      expect(await runPlan(db, { ...plan, result: 'row' })).toBeUndefined()
    })
  })
})
