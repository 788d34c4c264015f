import { describe, expect, it } from 'vitest'
import { memoryBackend, sqliteBackend } from 'or3-sync/server'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { readOp } from '#or3-sync/shared/sync/store/read-op'
import { NOW, wireOp, type OpOptions } from '../../../src/testing/contract/make-op'

const schema = defineSyncSchema({
  version: 2,
  tables: {
    todos: {
      schema: z.object({ id: z.string(), title: z.string(), dueAt: z.date().optional(), done: z.boolean() }),
      primaryKey: 'id', fields: { dueAt: 'due_at' }, wireName: 'tasks',
      // `due` was milliseconds, before it became a date.
      upgradeRow: ({ due, ...row }) => {
        if (row.title === 'odd') throw new Error('an odd title')
        return { ...row, done: row.done ?? false, ...(typeof due === 'number' ? { dueAt: new Date(due) } : {}) }
      },
    },
  },
}) as unknown as SyncSchema
const read = (options: OpOptions) => readOp(wireOp({ table: 'tasks', ...options }), schema)

describe('F5: an op in an earlier shape', () => {
  it('is checked in today\'s shape, and stored as it was sent', () => {
    const payload = { id: 'a', title: 'x', due: 5 }
    expect(read({ payload })).toMatchObject({ kind: 'op', tableName: 'tasks', payload: JSON.stringify(payload) })
  })

  it('is refused where it does not fit today\'s schema all the same, or cannot be upgraded, and says why', () => {
    expect(read({ payload: { id: 'a', title: 7 } })).toMatchObject({ kind: 'rejected', errorCode: 'VALIDATION_ERROR', error: expect.stringContaining('payload.title') as string })
    expect(read({ payload: { id: 'a', title: 'odd' } })).toMatchObject({ kind: 'rejected', error: 'payload: upgradeRow of table "todos" threw: an odd title' })
  })

  it.each([['memory', memoryBackend], ['sqlite', () => sqliteBackend({ path: ':memory:' })]])('replaces nothing of another who wrote the same row in another shape (%s)', async (_, make) => {
    const backend = make()
    const push = async (options: OpOptions) => {
      const outcome = await backend.push({ workspaceId: 'w1', userId: 'ann', items: [read({ base: null, ...options })], now: NOW + 10 })
      return outcome.status === 'pushed' ? outcome.results[0] : undefined
    }
    await push({ device: 'device-1', payload: { id: 'a', title: 'x', due: 5 } })
    const same = await push({ device: 'device-2', at: 1, payload: { done: false, id: 'a', title: 'x', due_at: { $date: 5 } } })
    expect([same?.applied, same?.overwrote]).toEqual([true, undefined])
    const other = await push({ device: 'device-3', at: 2, payload: { done: true, id: 'a', title: 'x', due_at: { $date: 5 } } })
    expect(other?.overwrote).toMatchObject({ pk: 'a' })
    await backend.close?.()
  })
})

describe('F4: a table with a wire name', () => {
  it('is known to the server by that, and not by its own', () => {
    expect(read({ payload: { id: 'a', title: 'x' } })).toMatchObject({ kind: 'op', tableName: 'tasks' })
    expect(read({ table: 'todos', payload: { id: 'a', title: 'x' } })).toMatchObject({ kind: 'rejected', error: 'tableName: unknown table "todos"' })
  })
})
