import Dexie, { liveQuery, type Table } from 'dexie'
import { IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { createLocalDatabase } from '#or3-sync/core/sync/life/local-database'
import { moveLocalRows } from '#or3-sync/core/sync/database/move-local-rows'
import type { EngineDatabase } from '#or3-sync/core/sync/records/engine-database'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { asSchema, deviceOf, reloadedWith, started } from '../../support/schema-versions'

type Row = Record<string, unknown> & { id: string }

const table = { schema: z.looseObject({ id: z.string() }), primaryKey: 'id' as const }
/** What keeps rows here by their setting, and what is asked meanwhile. */
let isKept: (row: Row) => boolean
const tables = { todos: { ...table, exclude: (row: Row) => isKept(row) } }
const v1 = defineSyncSchema({ version: 1, tables })
const v2 = defineSyncSchema({ version: 2, tables: { ...tables, todos: { ...tables.todos, upgradeRow: (row: Row) => ({ ...row, done: false }) } } } as never)

let world: EngineHarness
beforeEach(async () => {
  isKept = () => false
  world = await EngineHarness.open({ schema: asSchema(v1) })
})
afterEach(() => world.close())

const make = (user: string, options: Parameters<typeof deviceOf>[3] = {}) => deviceOf(world, user, v1, options)
const todos = (device: TodoEngine) => device.db.table<Row, string>('todos')
const put = async (device: TodoEngine, ...rows: Row[]) => { await todos(device).bulkPut(rows) }
const feed = async () => (await world.provider('zoe').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 100 })).changes
const sent = async () => (await feed()).map(({ payload }) => payload)

/** What stands in IndexedDB, whatever the app's hooks make of it. */
async function stored(device: TodoEngine): Promise<Row[]> {
  const bare = await new Dexie(device.db.name, { indexedDB: device.indexedDB, IDBKeyRange }).open()
  try { return await bare.table<Row>('todos').toArray() }
  finally { bare.close() }
}
const plain = ({ clock: _clock, hlc: _hlc, op_id: _opId, ...row }: Row) => row

/** An hour fast: what it writes is stamped anew. */
const fast = { environment: { clock: { now: () => Date.now() + 3_600_000, setTimeout: (run: () => void, ms: number) => setTimeout(run, ms), clearTimeout: (handle: unknown) => clearTimeout(handle as number) } } }

const shows = (device: TodoEngine) => { todos(device).hook('reading', row => row && { ...row, shown: 'only when read' }) }

/** An app that keeps its texts encrypted, by Dexie's hooks alone. It can tell neither whether a text is encrypted already. */
function encrypts(rows: Table<Row, string>): void {
  const lock = (text: unknown) => `<${Buffer.from(String(text)).toString('hex')}>`
  const unlock = (text: string) => /^<[0-9a-f]*>$/.test(text) ? Buffer.from(text.slice(1, -1), 'hex').toString() : 'NOT ENCRYPTED'
  rows.hook('creating', (_, row) => { row.text = lock(row.text) })
  rows.hook('updating', changes => 'text' in changes ? { text: lock(changes.text) } : undefined)
  rows.hook('reading', row => row && { ...row, text: unlock(row.text as string) })
}

describe('a reading hook of the app', () => {
  it('changes nothing of what is sent: an edit that waits while the page is reloaded goes as it is stored', async () => {
    const ann = make('ann')
    await put(ann, { id: 'a' })
    await ann.close()
    const again = make('ann', { indexedDB: ann.indexedDB })
    shows(again)
    await started(again)
    expect(await sent()).toEqual([{ id: 'a' }])
  })

  it('and no more where rows are mapped to a class', async () => {
    const ann = make('ann')
    await put(ann, { id: 'a' })
    await ann.close()
    const again = make('ann', { indexedDB: ann.indexedDB })
    todos(again).mapToClass(class Todo { loud = true })
    await started(again)
    expect(await again.queue.failed()).toEqual([])
    expect(await sent()).toEqual([{ id: 'a' }])
  })

  it('is not stored with a row that turns out to be private at the flush', async () => {
    const ann = make('ann')
    await started(ann)
    shows(ann)
    await put(ann, { id: 'a' })
    await ann.whenIdle()
    world.offline = true
    await put(ann, { id: 'a', own: 1 }, { id: 'b', own: 1 })
    isKept = () => true
    world.offline = false
    await ann.flush()
    await until(feed, ([change]) => change?.op === 'delete')
    expect((await stored(ann)).map(plain)).toEqual([{ id: 'a', own: 1 }, { id: 'b', own: 1 }])
  })

  it('is no part of a loser that is kept', async () => {
    const [ann, bob] = [await started(make('ann')), await started(make('bob'))]
    await put(bob, { id: 'a', by: 'bob' })
    await bob.whenIdle()
    await until(() => todos(ann).get('a'))
    shows(ann)
    await ann.stop()
    await put(ann, { id: 'a', by: 'ann' })
    for (const by of ['bob again', 'and again']) await put(bob, { id: 'a', by })
    await bob.whenIdle()
    await started(ann)
    const [conflict] = await until(() => ann.conflicts.list(), ({ length }) => length > 0)
    expect(conflict?.local.row).toEqual({ id: 'a', by: 'ann' })
  })
})

describe('an app that encrypts by its hooks', () => {
  it('shows each device its text, and nobody else: encrypted once, stamped anew, written again', async () => {
    const [ann, bob] = [make('ann', fast), make('bob')]
    encrypts(todos(ann))
    encrypts(todos(bob))
    await put(ann, { id: 'a', text: 'secret' })
    await started(ann)
    await started(bob)
    expect((await todos(bob).get('a'))?.text).toBe('secret')
    await todos(ann).update('a', { text: 'secret two' })
    await ann.whenIdle()
    await until(() => todos(bob).get('a'), row => row?.text === 'secret two')
    expect((await todos(ann).get('a'))?.text).toBe('secret two')
    expect(JSON.stringify([await feed(), await stored(ann), await stored(bob)])).not.toContain('secret')
  })

  it('gets a loser back as it was stored', async () => {
    const [ann, bob] = [await started(make('ann')), await started(make('bob'))]
    for (const device of [ann, bob]) encrypts(todos(device))
    await put(bob, { id: 'a', text: 'first' })
    await bob.whenIdle()
    await until(() => todos(ann).get('a'))
    await ann.stop()
    await put(ann, { id: 'a', text: 'by ann' })
    for (const text of ['by bob', 'by bob again']) await put(bob, { id: 'a', text })
    await bob.whenIdle()
    await started(ann)
    const [conflict] = await until(() => ann.conflicts.list(), ({ length }) => length > 0)
    await ann.conflicts.restore(conflict!.id)
    expect((await todos(ann).get('a'))?.text).toBe('by ann')
    await ann.whenIdle()
    await until(() => todos(bob).get('a'), row => row?.text === 'by ann')
    expect(JSON.stringify(await feed())).not.toContain('by ann')
  })
})

describe('what others wrote', () => {
  it('is stored as it came, under its revision: no hook that stamps rows sees it, nor at a rescan', async () => {
    const [ann, bob] = [await started(make('ann')), await started(make('bob'))]
    for (const [name, device] of Object.entries({ ann, bob })) {
      todos(device).hook('creating', (_, row) => { row.by = name })
      todos(device).hook('updating', () => ({ by: name }))
    }
    await put(ann, { id: 'a', text: 'one' })
    await ann.whenIdle()
    await until(() => todos(bob).get('a'))
    await todos(ann).update('a', { text: 'two' })
    await ann.whenIdle()
    await until(() => todos(bob).get('a'), row => row?.text === 'two')
    await bob.rescan()
    await bob.whenIdle()
    expect(await stored(bob)).toEqual(await stored(ann))
    expect((await stored(bob)).map(plain)).toEqual([{ id: 'a', text: 'two', by: 'ann' }])
  })

  it('comes although a hook throws at it, deletes as well', async () => {
    const [ann, bob] = [await started(make('ann')), await started(make('bob'))]
    const refuse = () => { throw new Error('not in this app') }
    for (const event of ['creating', 'updating', 'deleting'] as const) todos(bob).hook(event as 'creating', refuse)
    await put(ann, { id: 'a' }, { id: 'b' })
    await ann.whenIdle()
    await until(() => todos(bob).count(), count => count === 2)
    await todos(ann).delete('a')
    await ann.whenIdle()
    await until(() => todos(bob).count(), count => count === 1)
    await expect(put(bob, { id: 'c' })).rejects.toThrow('not in this app')
  })

  it('is noticed by liveQuery', async () => {
    const [ann, bob] = [await started(make('ann')), await started(make('bob'))]
    const before = Dexie.dependencies.indexedDB
    Dexie.dependencies.indexedDB = bob.indexedDB
    const seen: number[] = []
    const subscription = liveQuery(() => todos(bob).count()).subscribe(count => seen.push(count))
    try {
      await until(() => seen.length)
      await put(ann, { id: 'a' })
      await until(() => seen.at(-1) === 1)
      await todos(ann).delete('a')
      await until(() => seen.at(-1) === 0)
    }
    finally {
      subscription.unsubscribe()
      Dexie.dependencies.indexedDB = before
    }
  })
})

describe('the app\'s own writes', () => {
  it('pass its hooks, and what those write is sent with them', async () => {
    const ann = await started(make('ann'))
    todos(ann).hook('creating', (key, row) => {
      row.stamped = true
      if (!key.startsWith('log')) void put(ann, { id: `log-${key}` })
    })
    await put(ann, { id: 'a' })
    await ann.whenIdle()
    expect(await sent()).toEqual(expect.arrayContaining([{ id: 'a', stamped: true }, { id: 'log-a', stamped: true }]))
  })

  it('are captured wherever they are made, even where the engine asks the app about a row that came', async () => {
    const [ann, bob] = [await started(make('ann')), await started(make('bob'))]
    await put(bob, { id: 'a' })
    await bob.whenIdle()
    await until(() => todos(ann).get('a'))
    let isAsked = false
    isKept = ({ id }) => {
      if (id === 'a' && !isAsked && Dexie.currentTransaction?.db === ann.db as unknown as Dexie) {
        isAsked = true
        void put(ann, { id: 'log' })
      }
      return false
    }
    await put(bob, { id: 'a', again: 1 })
    await bob.whenIdle()
    await until(() => todos(ann).get('log'))
    expect(await todos(ann).get('log')).toMatchObject({ clock: 1 })
    await until(() => todos(bob).get('log'))
  })
})

describe('hooks that stand before the database opens', () => {
  it('see nothing of an upgrade', async () => {
    const ann = await started(make('ann'))
    await put(ann, { id: 'a' })
    await ann.whenIdle()
    const [before] = await stored(ann)
    const again = await reloadedWith(world, ann, 'ann', v2)
    shows(again)
    todos(again).hook('updating', () => ({ touched: true }))
    await started(again)
    expect(await stored(again)).toEqual([{ ...before, done: false }])
  })
})

describe('rows of nobody, which move into a workspace', () => {
  it('move as the app sees them, also where they are mapped to a class, and no deleting hook is asked', async () => {
    const ann = make('ann')
    encrypts(todos(ann))
    const local = createLocalDatabase({ schema: asSchema(v1), indexedDB: ann.indexedDB, IDBKeyRange })
    local.table('todos').mapToClass(class Todo { loud = true })
    local.table('todos').hook('deleting', () => { throw new Error('not by this app') })
    await local.table('todos').put({ id: 'a', text: 'secret' })
    expect(await moveLocalRows(local, ann.db as unknown as EngineDatabase, asSchema(v1))).toBe(1)
    expect(await local.table('todos').count()).toBe(0)
    local.close()
    expect(await todos(ann).get('a')).toMatchObject({ text: 'secret' })
    await started(ann)
    expect(JSON.stringify(await feed())).not.toContain('secret')
  })
})
