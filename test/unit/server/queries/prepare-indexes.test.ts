import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncBackend } from '../../../../server/lib/backends/backend'
import { sqliteBackend } from '../../../../server/lib/backends/sqlite/sqlite'
import { createSyncGateway } from '../../../../server/lib/create-sync-gateway'
import { acceptedOp, NOW } from '../support/make-op'
import { find, pushRows } from './query-store'

const any = z.unknown().optional()
const row = z.object({ id: z.string(), a: any, b: any, tags: any })
const schemaWith = (version: number, ...indexes: string[]) => defineSyncSchema({ version, tables: { plain: { schema: row, primaryKey: 'id', indexes } } })
const both = schemaWith(2, 'a', 'b')

let folder: string
let path: string
let backend: SyncBackend
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'or3-prepare-'))
  path = join(folder, 'store.sqlite')
  backend = sqliteBackend({ path })
})
afterEach(async () => {
  await backend.close()
  rmSync(folder, { recursive: true, force: true })
})

function inFile<T>(work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path)
  try { return work(db) }
  finally { db.close() }
}
const indexes = () => inFile(db => db.prepare('SELECT name FROM sqlite_master WHERE name LIKE \'or3_query_%\' ORDER BY name').all().map(({ name }) => String(name)))
const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `row-${index}`, a: index % 10, b: index }))
const plan = { index: 'a', range: { kind: 'equals', value: 1 } } as const
/** Whether an index answers, and not a scan. */
const isIndexed = async (schema = both) => await backend.find!({ workspaceId: 'w1', userId: 'ada', table: schema.tables.plain!, plan: { table: 'plain', isReversed: false, offset: 0, limit: null, result: 'rows', ...plan } }) !== null
const answer = async () => ((await find(backend, 'w1', plan, both)).value as unknown[]).length

it('makes one index for each that is declared, but none for lists, once', async () => {
  await backend.prepare!({ schema: schemaWith(2, 'a', '[a+b]', '*tags'), mayTakeLong: false })
  const made = indexes()
  expect(made).toEqual([expect.stringMatching(/^or3_query_plain_[0-9a-f]{16}$/), expect.stringMatching(/^or3_query_plain_/)])
  await backend.prepare!({ schema: schemaWith(2, 'a', '[a+b]', '*tags'), mayTakeLong: false })
  expect(indexes()).toEqual(made)
})

it('drops indexes that are no longer declared, and answers without them', async () => {
  await pushRows(backend, 'w1', both.tables.plain, rowsOf(30))
  await backend.prepare!({ schema: both, mayTakeLong: false })
  expect([await isIndexed(), await answer()]).toEqual([true, 3])
  await backend.prepare!({ schema: schemaWith(3, 'b'), mayTakeLong: false })
  expect(indexes().length).toBe(1)
  expect([await isIndexed(), await answer()], 'its statement was prepared before').toEqual([false, 3])
})

it('leaves the indexes of a newer version of the app alone', async () => {
  const newer = sqliteBackend({ path })
  await newer.prepare!({ schema: schemaWith(3, 'b'), mayTakeLong: false })
  await newer.close()
  const made = indexes()
  await backend.prepare!({ schema: both, mayTakeLong: true })
  expect(indexes()).toEqual(made)
  await pushRows(backend, 'w1', both.tables.plain, rowsOf(30))
  expect([await isIndexed(), await answer()]).toEqual([false, 3])
})

it('makes the indexes of a larger store on another thread', async () => {
  await pushRows(backend, 'w1', both.tables.plain, rowsOf(3_000))
  let turns = 0
  const timer = setInterval(() => { turns++ }, 1)
  const prepared = backend.prepare!({ schema: both, mayTakeLong: false })
  const { results } = await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ table: 'plain', pk: 'meanwhile', payload: { id: 'meanwhile', a: 1 } })], now: NOW }) as { results: { success: boolean }[] }
  await prepared
  clearInterval(timer)
  expect([results[0]!.success, indexes().length, await isIndexed(), await answer()]).toEqual([true, 2, true, 301])
  expect(turns).toBeGreaterThan(3)
})

it('leaves a very large store to the garbage collection', async () => {
  await pushRows(backend, 'w1', both.tables.plain, rowsOf(30))
  inFile(db => db.exec('UPDATE records SET rowid = 1000000 WHERE pk = \'row-0\''))
  await backend.prepare!({ schema: both, mayTakeLong: false })
  expect(indexes()).toEqual([])
  const gateway = createSyncGateway({ schema: both, backend, session: () => null })
  await gateway.gc()
  expect([indexes().length, await answer()]).toEqual([2, 3])
})

it('does not make a new file where the store was', async () => {
  await pushRows(backend, 'w1', both.tables.plain, rowsOf(3_000))
  rmSync(path)
  await expect(backend.prepare!({ schema: both, mayTakeLong: false })).rejects.toThrow('was deleted, moved or replaced')
})

it('an erased workspace leaves nothing in the indexes', async () => {
  const secret = 'words-that-are-only-in-the-index-key'
  await backend.prepare!({ schema: both, mayTakeLong: false })
  await pushRows(backend, 'w1', both.tables.plain, Array.from({ length: 50 }, (_, index) => ({ id: `row-${index}`, a: `${secret}-${index}` })))
  await backend.erase('w1')
  expect([path, `${path}-wal`].filter(file => existsSync(file) && readFileSync(file).includes(secret))).toEqual([])
})

describe('a gateway', () => {
  it('prepares its store when it starts, and goes on if that fails', async () => {
    const log: string[] = []
    const logger = { warn: (message: string) => log.push(message), error: (message: string) => log.push(message) }
    createSyncGateway({ schema: both, backend, session: () => null, logger })
    await expect.poll(() => indexes().length).toBe(2)
    expect(log).toEqual([])
    createSyncGateway({ schema: both, backend: { ...backend, prepare: () => Promise.reject(new Error('disk full')) } as unknown as SyncBackend, session: () => null, logger })
    await expect.poll(() => log).toEqual(['[or3-sync] the store could not make its indexes for queries of pages; it tries again at the next garbage collection'])
  })

  it('closes while the indexes are being made', async () => {
    await pushRows(backend, 'w1', both.tables.plain, rowsOf(3_000))
    const log: string[] = []
    const gateway = createSyncGateway({ schema: both, backend, session: () => null, logger: { warn: message => log.push(message), error: message => log.push(message) } })
    await gateway.close()
    expect(log).toEqual([])
    expect(indexes().length, 'the next start makes the rest').toBeLessThan(2)
  })
})
