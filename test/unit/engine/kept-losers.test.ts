import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PushResult, SyncChange, SyncProvider } from 'or3-sync/client'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness, type TodoEngine, until } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
afterEach(() => world.close())

const titles = async (engine: TodoEngine) => (await engine.conflicts.list()).flatMap(({ local, remote }) => [local.row?.title, remote.row?.title])

describe('a loser that this version of the app cannot read', () => {
  /** An app that has become stricter: todos need a list. */
  const strict = defineSyncSchema({
    version: 2,
    tables: { ...todoSchema.tables, todos: { schema: z.object({ id: z.string(), title: z.string(), list_id: z.string() }), primaryKey: 'id', indexes: ['list_id'] } },
  } as never) as unknown as typeof todoSchema
  beforeEach(async () => { world = await EngineHarness.open() })

  it('F3: is kept whole as a conflict, and can be restored', async () => {
    const old = world.device('bob')
    await old.start()
    await old.db.todos.put({ id: 'a', title: 'without a list' })
    await old.whenIdle()
    const ann = world.device('ann', { schema: strict })
    await ann.db.todos.put({ id: 'a', title: 'first', list_id: 'l' })
    await ann.db.todos.update('a', { title: 'with a list' })
    await ann.start()
    await ann.whenIdle()
    const [conflict] = await ann.conflicts.list()
    expect(conflict).toMatchObject({ pk: 'a', remote: { op: 'put', row: { id: 'a', title: 'without a list' } } })
    await ann.conflicts.restore(conflict!.id)
    expect(await ann.db.todos.get('a')).toMatchObject({ title: 'without a list' })
    expect(await ann.conflicts.list()).toEqual([])
  })

  it('F3: says so where nothing but the revision came', async () => {
    const ann = world.device('ann')
    const revision = { clock: 1, hlc: '0lz0000000000:0000:somebody', opId: 'o' }
    await ann.db.table('sync_conflicts').put({ id: 'x', tableName: 'todos', pk: 'a', winner: 'local', local: { op: 'put', row: { id: 'a', title: 'here' }, ...revision }, remote: { op: 'put', ...revision }, detectedAt: 1 })
    await expect(ann.conflicts.restore('x')).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('dismiss') as string })
    expect(await ann.conflicts.list()).toHaveLength(1)
  })
})

describe('C10: a conflict of a table that this version of the app does not have', () => {
  beforeEach(async () => { world = await EngineHarness.open() })

  it.each(['put', 'delete'] as const)('names the table when it is restored, and stays: the loser is a %s', async (op) => {
    const ann = world.device('ann')
    const revision = { clock: 1, hlc: '0lz0000000000:0000:somebody', opId: 'o' }
    await ann.db.table('sync_conflicts').put({ id: 'x', tableName: 'dropped', pk: 'a', winner: 'local', local: { op: 'put', row: { id: 'a' }, ...revision }, remote: { op, ...op === 'put' && { row: { id: 'a' } }, ...revision }, detectedAt: 1 })
    await expect(ann.conflicts.restore('x')).rejects.toMatchObject({ name: 'SyncError', code: 'NOT_FOUND', message: expect.stringContaining('no table "dropped"') as string })
    expect(await ann.conflicts.list()).toHaveLength(1)
  })
})

describe('a provider that does not say everything', () => {
  beforeEach(async () => { world = await EngineHarness.open() })

  /** The gateway, whose answers are told otherwise. */
  const telling = (userId: string, tell: (result: PushResult['results'][number]) => PushResult['results'][number]): SyncProvider => {
    const inner = world.provider(userId)
    return {
      id: 'telling', mode: 'gateway',
      push: async (batch) => {
        const reply = await inner.push(batch)
        return { ...reply, results: reply.results.map(tell) }
      },
      pull: request => inner.pull(request),
      subscribe: (...args) => inner.subscribe(...args),
      dispose: () => inner.dispose(),
    }
  }

  it.each([
    ['success', ({ opId, success }: PushResult['results'][number]) => ({ opId, success })],
    ['not applied, and not by what', ({ opId, success, applied }: PushResult['results'][number]) => ({ opId, success, applied })],
  ])('F8: keeps an edit that it acknowledged and ignored (%s)', async (_, tell) => {
    const ann = world.device('ann', { provider: telling('ann', tell) })
    await ann.db.todos.put({ id: 'a', title: 'by Ann, a moment earlier' })
    const bob = world.device('bob')
    await bob.db.todos.put({ id: 'a', title: 'by Bob' })
    await bob.start()
    await bob.whenIdle()
    const heard: unknown[] = []
    ann.hooks.addAction('sync.conflict:action:detected', (conflict) => { heard.push(conflict) })
    await ann.start()
    await ann.whenIdle()
    expect(await ann.db.todos.get('a')).toMatchObject({ title: 'by Bob' })
    expect(await titles(ann)).toEqual(['by Ann, a moment earlier', 'by Bob'])
    expect(heard).toHaveLength(1)
    await ann.rescan()
    await ann.whenIdle()
    expect(await ann.conflicts.list(), 'once').toHaveLength(1)
  })

  it('F8: has no conflict with what was made upon the edit, nor with what the edit was made upon', async () => {
    const bob = world.device('bob')
    await bob.start()
    await bob.db.todos.put({ id: 'a', title: 'first' })
    await bob.whenIdle()
    const ann = world.device('ann', { provider: telling('ann', ({ opId, success }) => ({ opId, success })) })
    await ann.start()
    await ann.whenIdle()
    await ann.db.todos.update('a', { title: 'second' })
    await ann.whenIdle()
    await until(() => bob.db.todos.get('a'), row => row?.title === 'second')
    await bob.db.todos.update('a', { title: 'third' })
    await bob.whenIdle()
    await ann.rescan()
    await ann.whenIdle()
    expect(await ann.db.todos.get('a')).toMatchObject({ title: 'third' })
    expect(await ann.conflicts.list()).toEqual([])
  })

  it('F7: keeps the loser of each revision, although the op id is the same', async () => {
    const opId = '00000000-0000-4000-8000-000000000001'
    const pages: SyncChange[] = []
    const change = (clock: number, title: string): SyncChange => ({
      tableName: 'notes', pk: 'a', op: 'put', payload: { id: 'a', body: title }, serverVersion: clock, stamp: { deviceId: 'other', opId, clock, hlc: `${(Date.now() + clock).toString(36).padStart(9, '0')}:0000:othernode` },
    })
    const ann = world.device('ann', {
      provider: {
        id: 'doubling', mode: 'direct',
        push: async () => { throw new Error('held edits are not pushed') },
        pull: async ({ cursor }) => ({ changes: pages.filter(({ serverVersion }) => serverVersion > cursor), nextCursor: pages.at(-1)?.serverVersion ?? 0, hasMore: false }),
        subscribe: async () => () => {},
      },
    })
    const bodies = async () => (await ann.conflicts.list()).flatMap(({ local, remote }) => [local.row?.body, remote.row?.body]).sort()
    await ann.db.notes.put({ id: 'a', body: 'mine 1', draft: true })
    pages.push(change(5, 'theirs 1'))
    await ann.start()
    await expect.poll(bodies).toEqual(['mine 1', 'theirs 1'])
    await ann.stop()
    await ann.db.notes.put({ id: 'a', body: 'mine 2', draft: true })
    pages.splice(0, 1, change(9, 'theirs 2'))
    await ann.start()
    await expect.poll(bodies).toEqual(['mine 1', 'mine 2', 'theirs 1', 'theirs 2'])
  })
})
