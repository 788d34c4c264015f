import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncSchema } from 'or3-sync/schema'
import { createSyncGateway, memoryBackend, sqliteBackend } from 'or3-sync/server'
import type { ChangedInfo, SyncBackend, SyncGateway } from 'or3-sync/server'
import { todoSchema } from '../../support/todo-schema'
import { acceptedOp, NOW } from './support/make-op'

const DAY = 86_400_000
let now: number
let backend: SyncBackend
let sync: SyncGateway
let told: ChangedInfo[]
beforeEach(() => {
  now = NOW
  told = []
})
afterEach(() => sync.close())
const openGateway = () => createSyncGateway({ schema: todoSchema as unknown as SyncSchema, backend, now: () => now, session: () => null, onChanged: (info) => { told.push(info) } }) as SyncGateway
const put = (id: string, title = id) => ({ table: 'todos', put: { id, title } })
const idsOf = ({ rows }: { rows: Record<string, unknown>[] }) => rows.map(({ id }) => id)
const push = (pk: string, clock: number, title: string) =>
  backend.push({ workspaceId: 'w1', userId: 'ada', now, items: [acceptedOp({ table: 'todos', pk, clock, payload: { id: pk, title } })] })

describe.each([['memory', memoryBackend], ['sqlite', () => sqliteBackend({ path: ':memory:' })]])('a write of the server (%s)', (_, open) => {
  beforeEach(() => {
    backend = open()
    sync = openGateway()
  })

  it('that changes nothing leaves no trace of a workspace', async () => {
    expect(await sync.write('w1', [{ table: 'todos', delete: 'a' }])).toEqual({ serverVersion: 0, rows: [null] })
    await expect(sync.write('w1', [put('a'), { table: 'todos', update: { id: 'b', title: 'x' } }])).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect([await backend.latestVersion('w1'), await sync.eraseWorkspace('w1')]).toEqual([0, { records: 0, devices: 0 }])
  })

  it('goes on above the versions of an erased workspace, and finds nothing of it', async () => {
    const { rows: [old] } = await sync.write('w1', [put('a'), put('b')])
    await sync.eraseWorkspace('w1')
    await expect(sync.write('w1', [{ ...put('a'), expect: old }])).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(sync.write('w1', [{ table: 'todos', update: { id: 'a', title: 'x' } }])).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const { serverVersion, rows: [again] } = await sync.write('w1', [{ ...put('a'), expect: null }])
    expect([serverVersion > 2, again!.clock]).toEqual([true, 1])
    expect(idsOf(await sync.list('w1', 'todos'))).toEqual(['a'])
  })

  it('that comes while its workspace is erased is whole, before or after', async () => {
    for (let batch = 0; batch < 3; batch++) await sync.write('w1', Array.from({ length: 500 }, (_, index) => put(`old-${batch}-${index}`)))
    const erased = sync.eraseWorkspace('w1')
    const writes: Promise<unknown>[] = [sync.write('w1', [put('new-1'), put('new-2')])]
    for (let turn = 0; turn < 3; turn++) {
      await new Promise(resolve => setImmediate(resolve))
      writes.push(sync.write('w1', [put(`turn-${turn}`)]))
    }
    await Promise.all([erased, ...writes])
    const ids = idsOf(await sync.list('w1', 'todos', { limit: 1_000 }))
    expect(ids.filter(id => String(id).startsWith('old'))).toEqual([])
    expect(ids.filter(id => String(id).startsWith('new')).length, 'both or none').not.toBe(1)
    expect(ids).toEqual(expect.arrayContaining(['turn-1', 'turn-2']))
  })

  it('is above a tombstone that was collected, and knows its revision', async () => {
    await sync.write('w1', [put('a'), put('b')])
    await sync.write('w1', [{ table: 'todos', delete: 'a' }])
    now += 31 * DAY
    expect(await sync.gc()).toMatchObject({ tombstones: 1 })
    await sync.newEpoch()
    const { rows: [again] } = await sync.write('w1', [{ ...put('a'), expect: null }])
    expect(again).toMatchObject({ title: 'a', clock: 3 })
    expect(idsOf(await sync.list('w1', 'todos'))).toEqual(['a', 'b'])
  })

  it('has rising revisions, whatever the clock of the machine does', async () => {
    const hlcs: string[] = []
    for (const step of [0, DAY, -2 * DAY, 0, -NOW, NOW, DAY]) {
      now += step
      const { rows } = await sync.write('w1', [put('a', String(now)), put(`at-${now}`)])
      hlcs.push(...rows.map(row => row!.hlc as string))
    }
    expect(hlcs).toEqual([...new Set(hlcs)].sort())
    expect(await sync.get('w1', 'todos', 'a')).toMatchObject({ clock: 7 })
  })

  it('does not win for ever when the clock was a day ahead', async () => {
    now += DAY
    await sync.write('w1', [put('a', 'from tomorrow')])
    now -= DAY
    expect(await push('a', 2, 'of a device')).toMatchObject({ results: [{ applied: true }] })
    await sync.write('w1', [{ table: 'todos', update: { id: 'a', done: true } }])
    expect(await sync.get('w1', 'todos', 'a')).toMatchObject({ title: 'of a device', done: true, clock: 3 })
  })

  it('is still possible for a record whose clock has reached its end', async () => {
    await push('a', 2 ** 31 - 1, 'at the end')
    const revisions = [await sync.get('w1', 'todos', 'a')]
    for (const edit of [put('a', 'x'), { table: 'todos', update: { id: 'a', title: 'y' } }, { table: 'todos', delete: 'a' }, put('a', 'z')]) {
      await sync.write('w1', [edit] as never)
      revisions.push(await sync.get('w1', 'todos', 'a'))
    }
    expect(revisions.map(row => [row?.title, row?.clock])).toEqual([['at the end', 2 ** 31 - 1], ['x', 2 ** 31 - 1], ['y', 2 ** 31 - 1], [undefined, undefined], ['z', 2 ** 31 - 1]])
    const hlcs = revisions.filter(row => row !== undefined).map(row => row.hlc as string)
    expect(hlcs).toEqual([...hlcs].sort())
  })

  it('between the pages of a list changes no row that stays: each comes once', async () => {
    const stays = Array.from({ length: 200 }, (_, index) => `k-${String(index).padStart(3, '0')}-😀`)
    await sync.write('w1', stays.map(id => put(id)))
    const seen: unknown[] = []
    let step = 0
    for (let after: string | undefined; ;) {
      const page = await sync.list('w1', 'todos', { limit: 7, after, prefix: 'k-' })
      seen.push(...idsOf(page))
      step++
      await sync.write('w1', [put(`k-${String(step * 5).padStart(3, '0')}-a`), put(stays[step]!, 'edited'), { table: 'todos', delete: `k-${String(step * 5 - 10).padStart(3, '0')}-a` }])
      if (page.next === null) break
      after = page.next
    }
    expect(seen.filter(id => stays.includes(id as string))).toEqual(stays)
    expect(new Set(seen).size).toBe(seen.length)
  })
})

describe('a write to a file', () => {
  let folder: string
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'or3-bad-times-')) })
  afterEach(async () => {
    await sync.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('that another process has locked for too long is refused whole, and can be sent again', async () => {
    const path = join(folder, 'store.sqlite')
    backend = sqliteBackend({ path, patienceMs: 50 })
    sync = openGateway()
    await sync.write('w1', [put('a')])
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    await expect(sync.write('w1', [put('a', 'x'), put('b')])).rejects.toMatchObject({ name: 'SyncError', code: 'SERVER_ERROR', retryable: true })
    expect(idsOf(await sync.list('w1', 'todos'))).toEqual(['a'])
    other.exec('ROLLBACK')
    other.close()
    expect((await sync.write('w1', [put('a', 'x'), put('b')])).serverVersion).toBe(3)
    await sync.drain()
    expect(told.map(({ changes }) => changes.map(({ pk }) => pk))).toEqual([['a'], ['a', 'b']])
  })

  it('that is full is refused whole: no row, no version, nothing told', async () => {
    backend = sqliteBackend({ path: join(folder, 'store.sqlite'), maxBytes: 400_000 })
    sync = openGateway()
    const group = (name: string) => [0, 1, 2, 3].map(index => put(`${name}-${index}`, 'x'.repeat(20_000)))
    let stored = 0
    let problem: unknown
    for (; !problem && stored < 20; stored++) await sync.write('w1', group(`g${stored}`)).catch((error: unknown) => { problem = error })
    stored--
    expect(problem).toMatchObject({ name: 'SyncError', code: 'SERVER_ERROR', retryable: true })
    expect([(await sync.list('w1', 'todos')).rows.length, await backend.latestVersion('w1')]).toEqual([stored * 4, stored * 4])
    await sync.drain()
    expect(told).toHaveLength(stored)
    await sync.eraseWorkspace('w1')
    expect((await sync.write('w1', group('after'))).rows).toHaveLength(4)
  })

  it('goes on above its revisions after a restart with a clock that was set back by a day', async () => {
    const path = join(folder, 'store.sqlite')
    const hlcs: unknown[] = []
    for (let start = 0; start < 3; start++) {
      backend = sqliteBackend({ path })
      sync = openGateway()
      const { rows: [row] } = await sync.write('w1', [put(`start-${start}`)])
      hlcs.push(row!.hlc)
      await sync.close()
      now -= DAY
    }
    expect(hlcs).toEqual([...new Set(hlcs)].sort())
  })

  it('keeps what was restored, and what is written after it, when the file is replaced by its backup', async () => {
    const [path, copy] = [join(folder, 'store.sqlite'), join(folder, 'restored.sqlite')]
    backend = sqliteBackend({ path })
    sync = openGateway()
    await sync.write('w1', [put('a', 'in the backup')])
    const source = new DatabaseSync(path)
    source.exec(`VACUUM INTO '${copy}'`)
    source.close()
    const { rows: [lost] } = await sync.write('w1', [put('a', 'lost'), put('b')])
    await sync.close()
    now += 1
    backend = sqliteBackend({ path: copy })
    sync = openGateway()
    await sync.newEpoch()
    await expect(sync.write('w1', [{ ...put('a'), expect: lost }])).rejects.toMatchObject({ code: 'CONFLICT' })
    const { rows: [after] } = await sync.write('w1', [{ table: 'todos', update: { id: 'a', done: true } }])
    expect(after).toMatchObject({ title: 'in the backup', done: true, clock: 2 })
    expect((after!.hlc as string) > (lost!.hlc as string), 'two revisions are never the same').toBe(true)
  })
})
