import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import type { BackendPull, SyncBackend } from '../../../server/lib/backends/backend'
import { acceptedOp, NOW } from './support/make-op'
import type { OpOptions } from './support/make-op'

const DAY = 24 * 60 * 60_000

let folder: string
let path: string
let backend: SyncBackend
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'or3-sqlite-slices-'))
  path = join(folder, 'store.sqlite')
  backend = sqliteBackend({ path })
})
afterEach(async () => {
  await backend.close()
  rmSync(folder, { recursive: true, force: true })
})

async function fill(count: number, op: (index: number) => OpOptions, workspaceId = 'w1'): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    const items = Array.from({ length: Math.min(1_000, count - from) }, (_, index) => acceptedOp(op(from + index)))
    await backend.push({ workspaceId, userId: 'ada', items, now: NOW })
  }
}
const pull = (request: Partial<BackendPull> = {}) => backend.pull({ workspaceId: 'w1', cursor: 0, limit: 100, order: 'asc', bootstrap: false, maxBytes: 1_000_000, ...request })
/** Rows that are in the file, seen or not. */
const stored = (sql = 'SELECT count(*) AS count FROM records') => {
  const reader = new DatabaseSync(path, { readOnly: true })
  const { count } = reader.prepare(sql).get() as { count: number }
  reader.close()
  return count
}

/** @returns what came of it, and how often the event loop turned meanwhile */
async function whileTurning<T>(work: Promise<T>, each: (turn: number) => Promise<void> = async () => {}): Promise<{ result: T, turns: number }> {
  let isDone = false
  const done = work.finally(() => { isDone = true })
  let turns = 0
  for (; !isDone; turns++) {
    await each(turns)
    await new Promise(resolve => setImmediate(resolve))
  }
  return { result: await done, turns }
}

describe('F41: a pull whose filter lets little through', () => {
  const ROWS = 45_000
  const walk = async (request: Partial<BackendPull>) => {
    const pages: { rows: number, nextCursor: number }[] = []
    for (let cursor = 0, hasMore = true; hasMore;) {
      const page = await pull({ ...request, cursor })
      pages.push({ rows: page.rows.length, nextCursor: page.nextCursor })
      ;({ nextCursor: cursor, hasMore } = page)
    }
    return pages
  }

  it('looks at so many records a page, says how far it came, and misses none', async () => {
    await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'note', table: 'notes' })], now: NOW })
    await fill(ROWS, index => ({ pk: `row-${index}` }))
    await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'note 2', table: 'notes' })], now: NOW })
    expect(await walk({ tables: ['notes'] })).toEqual([{ rows: 1, nextCursor: 40_000 }, { rows: 1, nextCursor: ROWS + 2 }])
    expect(await walk({ tables: ['notes'], order: 'desc' })).toEqual([{ rows: 1, nextCursor: ROWS + 2 - 40_000 + 1 }, { rows: 1, nextCursor: 1 }])
    expect(await walk({ tables: ['nothing', 'else'] }), 'what has no rows is not looked for').toEqual([{ rows: 0, nextCursor: ROWS + 2 }])
  })

  it('leaves deleted records out in pages, too', async () => {
    await fill(ROWS, index => ({ pk: `row-${index}`, op: 'delete' }))
    await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'kept' })], now: NOW })
    expect(await walk({ bootstrap: true })).toEqual([{ rows: 0, nextCursor: 40_000 }, { rows: 1, nextCursor: ROWS + 1 }])
  })
})

describe('F44: long work', () => {
  it('collects deleted records in slices, and a pull in between sees all of a slice or nothing', async () => {
    await fill(2_000, index => ({ pk: `row-${index}`, op: 'delete' }))
    const seen: number[] = []
    const { result, turns } = await whileTurning(backend.gc({ now: NOW, retentionMs: 30 * DAY, cursorExpiryMs: 7 * DAY }), async () => {
      const page = await pull({ bootstrap: true, limit: 2_000 })
      const floor = stored('SELECT gc_floor AS count FROM workspaces')
      seen.push(stored('SELECT count(*) AS count FROM records WHERE collected = 0') + floor)
      expect(page.rows).toEqual([])
    })
    expect(result).toMatchObject({ workspaces: 1, tombstones: 2_000 })
    expect(turns).toBeGreaterThan(4)
    expect(new Set(seen), 'the floor stands at the last that went').toEqual(new Set([2_000]))
  })

  it('forgets deletions, silent devices and answers in slices', async () => {
    await fill(1_000, index => ({ pk: `row-${index}`, op: 'delete' }))
    for (let index = 0; index < 900; index++) await backend.updateCursor({ workspaceId: 'w1', userId: `user-${index}`, deviceId: 'd', version: 1_000, now: NOW })
    await backend.updateCursor({ workspaceId: 'w1', userId: 'ada', deviceId: 'd', version: 1_000, now: NOW + 100 * DAY })
    const { result, turns } = await whileTurning(backend.gc({ now: NOW + 100 * DAY, retentionMs: 30 * DAY, cursorExpiryMs: 7 * DAY, purgeBefore: NOW + DAY }))
    expect(result).toEqual({ workspaces: 1, tombstones: 1_000, devices: 900, purged: 1_000 })
    expect(turns).toBeGreaterThan(8)
    expect([stored(), stored('SELECT count(*) AS count FROM devices'), stored('SELECT count(*) AS count FROM results')]).toEqual([0, 1, 0])
  })

  it('of a collection ends in good order when the store closes, and the next one does the rest', async () => {
    await fill(2_000, index => ({ pk: `row-${index}`, op: 'delete' }))
    const request = { now: NOW, retentionMs: 30 * DAY, cursorExpiryMs: 7 * DAY }
    const collecting = backend.gc(request)
    await backend.close()
    const { tombstones } = await collecting
    expect(tombstones).toBeLessThan(1_000)
    backend = sqliteBackend({ path })
    expect(await backend.gc(request)).toMatchObject({ tombstones: 2_000 - tombstones })
  })

  it('visits only workspaces that have something to collect', async () => {
    for (let index = 0; index < 30; index++) await backend.push({ workspaceId: `w${index}`, userId: 'ada', items: [acceptedOp({ pk: 'a', op: index % 10 ? 'put' : 'delete' })], now: NOW })
    expect(await backend.gc({ now: NOW, retentionMs: 30 * DAY, cursorExpiryMs: 7 * DAY })).toMatchObject({ workspaces: 3, tombstones: 3 })
  })

  it('erases in slices, of which nobody sees anything: the workspace is empty from the first on, and may be written to', async () => {
    await fill(2_000, index => ({ pk: `row-${index}`, payload: { id: `row-${index}`, title: 'x'.repeat(3_000) } }))
    await fill(10, index => ({ pk: `row-${index}` }), 'w2')
    let wrote = false
    const { result, turns } = await whileTurning(backend.erase('w1'), async (turn) => {
      if (turn === 0) return
      const { rows } = await pull({ bootstrap: true, limit: 2_000 })
      expect(rows.map(({ pk }) => pk)).toEqual(wrote ? ['new'] : [])
      if (!wrote) expect(await pull({ cursor: 7 })).toMatchObject({ requiresRescan: true })
      if (turn === 2) wrote = !!await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'new' })], now: NOW })
    })
    expect(result).toEqual({ records: 2_000, devices: 0 })
    expect(turns).toBeGreaterThan(6)
    expect(stored()).toBe(11)
    expect((await pull({ workspaceId: 'w2' })).rows).toHaveLength(10)
  })

  it.each(['erase', 'gc'] as const)('an erasure that was cut off is finished by %s', async (by) => {
    await fill(2_000, index => ({ pk: `row-${index}`, payload: { id: `row-${index}`, title: 'x'.repeat(3_000) } }))
    const cutOff = backend.erase('w1')
    await new Promise(resolve => setTimeout(resolve, 5))
    await backend.close()
    await expect(cutOff).rejects.toThrow('the SQLite store does not answer')
    expect(stored()).toBeGreaterThan(0)
    backend = sqliteBackend({ path })
    expect(await pull({ bootstrap: true })).toMatchObject({ rows: [] })
    if (by === 'erase') await backend.erase('w1')
    else await backend.gc({ now: NOW, retentionMs: DAY, cursorExpiryMs: DAY })
    expect([stored(), stored('SELECT count(*) AS count FROM results')]).toEqual([0, 0])
    expect(stored('SELECT count(*) AS count FROM workspaces'), 'the version stays').toBe(1)
  })
})
