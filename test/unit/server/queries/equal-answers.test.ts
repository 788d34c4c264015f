import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { primaryKeyError } from '#or3-sync/shared/sync/protocol/primary-key'
import { answerPlan } from '#or3-sync/shared/sync/query/answer-plan'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import type { SyncBackend } from '../../../../server/lib/backends/backend'
import { memoryBackend } from '../../../../server/lib/backends/memory'
import { sqliteBackend } from '../../../../server/lib/backends/sqlite/sqlite'
import { randomPlans, randomRows } from '../../../support/random-plans'
import type { RandomRow } from '../../../support/random-plans'
import { find, pushRows, schema } from './query-store'

const folder = mkdtempSync(join(tmpdir(), 'or3-queries-'))
const stores: Record<string, SyncBackend> = {
  'memory': memoryBackend(),
  'SQLite': sqliteBackend({ path: join(folder, 'indexed.sqlite') }),
  'SQLite without indexes': sqliteBackend({ path: join(folder, 'plain.sqlite') }),
}
beforeAll(async () => { await stores.SQLite!.prepare!({ schema, mayTakeLong: false }) })
afterAll(async () => {
  for (const backend of Object.values(stores)) await backend.close()
  rmSync(folder, { recursive: true, force: true })
})

const rowsToSend = randomRows.map(rows => rows.filter(({ id }) => primaryKeyError(id) === null))
/** SQLite sorts texts by code points, IndexedDB by UTF-16 code units. They differ only where such a character meets one that UTF-16 needs two units for. */
const sortsAlike = (rows: readonly RandomRow[]) => !/[\uE000-\uFFFF]/.test(JSON.stringify(rows, (_, value: unknown) => typeof value === 'bigint' ? String(value) : value))
/** All rows of the range are in the answer, so their order in the store does not matter. */
const takesAll = ({ limit, offset, result }: QueryPlan) => limit === null && offset === 0 && result !== 'row'

let count = 0
/** How many plans the index of SQLite has answered, and how many were asked. */
const answered = { fromIndex: 0, asked: 0 }

describe.each(Object.keys(stores))('%s answers a query as a device does', (name) => {
  it.each(Object.keys(schema.tables))('of rows in the table "%s"', async (tableName) => {
    const table = schema.tables[tableName as keyof typeof schema.tables]
    await fc.assert(fc.asyncProperty(rowsToSend, randomPlans(tableName), async (rows, plan) => {
      const workspaceId = `w${++count}`
      const stored = await pushRows(stores[name]!, workspaceId, table, rows)
      const { value } = await find(stores[name]!, workspaceId, plan)
      if (name === 'memory' || takesAll(plan) || sortsAlike(rows)) expect(value).toEqual(answerPlan(plan, stored, 'id'))
      else if (plan.result === 'rows') expect((value as unknown[]).length).toBe((answerPlan(plan, stored, 'id') as unknown[]).length)
      if (name !== 'SQLite' || tableName !== 'plain' || plan.index?.startsWith('*')) return
      answered.asked++
      if (await stores[name]!.find!({ workspaceId, userId: 'ada', table, plan })) answered.fromIndex++
    }), { numRuns: 250 })
  })
})

it('with SQLite, most queries are answered from an index', () => {
  expect(answered.asked).toBeGreaterThan(100)
  // The rest meet arrays, bytes, or halves of a character, or ask for them.
  expect(answered.fromIndex / answered.asked).toBeGreaterThan(0.6)
})
