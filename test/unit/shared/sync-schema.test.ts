import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { SyncDatabase } from 'or3-sync/client'
import { defineSyncSchema, or3, SyncSchemaError, type SchemaTables } from 'or3-sync/schema'
import { validatePayload } from '#or3-sync/shared/sync/rows/validate-payload'

const todos = z.object({ id: z.string(), title: z.string(), listId: z.string().optional() })
const define = (table: Record<string, unknown>, name = 'todos') => () => defineSyncSchema({ version: 1, tables: { [name]: { schema: todos, primaryKey: 'id', ...table } } } as never)

describe('defineSyncSchema', () => {
  it('types rows by their schemas', () => {
    const typed = defineSyncSchema({ version: 1, tables: { todos: { schema: todos, primaryKey: 'id', capture: row => row.title !== '' } } })
    expect(typed.tables.todos.primaryKey).toBe('id')
    type Tables = SchemaTables<typeof typed>
    type Row = SyncDatabase<Tables>['todos'] extends import('dexie').Table<infer R, string> ? R : never
    expectTypeOf<Row['title']>().toEqualTypeOf<string>()
    expectTypeOf<Row['clock']>().toEqualTypeOf<number | undefined>()
    // @ts-expect-error -- not a field of the schema
    expect(() => defineSyncSchema({ version: 1, tables: { todos: { schema: todos, primaryKey: 'nope' } } })).toThrow(SyncSchemaError)
  })

  it.each([
    ['no primary key', define({ primaryKey: undefined }), /table "todos": primaryKey is missing/],
    ['a primary key that is no field', define({ primaryKey: 'uuid' }), /primaryKey "uuid" is no field/],
    ['an index on an unknown field', define({ indexes: ['nope'] }), /index "nope" names "nope", which is no field/],
    ['a compound index with an unknown field', define({ indexes: ['[title+nope]'] }), /names "nope"/],
    ['a unique index', define({ indexes: ['&title'] }), /unique/],
    ['an engine column', define({ schema: todos.extend({ clock: z.number() }) }), /"clock" is a column of the sync engine/],
    ['an asynchronous schema', define({ schema: z.object({ id: z.string().refine(async () => true) }) }), /asynchronous/],
    ['no schema', define({ schema: {} }), /must be a Standard Schema/],
    ['an engine table', define({}, 'pending_ops'), /belongs to the sync engine/],
    ['a name that Dexie has', define({}, 'transaction'), /property of every Dexie database/],
    ['a name with a space', define({}, 'my table'), /letters, digits or underscores/],
    ['a wire name that is taken', define({ fields: { listId: 'title' } }), /"title" is taken/],
    ['a field map for no field', define({ fields: { nope: 'no_pe' } }), /names "nope"/],
    ['maxBytes of 0', define({ maxBytes: 0 }), /maxBytes must be a positive integer/],
    ['an asynchronous upgradeRow', define({ upgradeRow: async (row: object) => row }), /upgradeRow must be a synchronous function/],
    ['an upgradeRow that is no function', define({ upgradeRow: {} }), /upgradeRow must be a synchronous function/],
    ['a wire name that is no name', define({ wireName: 'my table' }), /wireName must be 1 to 64 letters/],
    ['a wire name that is another table\'s own', () => defineSyncSchema({ version: 1, tables: { old: { schema: todos, primaryKey: 'id' }, todos: { schema: todos, primaryKey: 'id', wireName: 'old' } } }), /table "todos": its name on the wire, "old", is also that of table "old"/],
    ['a wire name that two tables have', () => defineSyncSchema({ version: 1, tables: { a: { schema: todos, primaryKey: 'id', wireName: 'x' }, b: { schema: todos, primaryKey: 'id', wireName: 'x' } } }), /table "b": its name on the wire, "x", is also that of table "a"/],
    ['no version', () => defineSyncSchema({ tables: { todos: { schema: todos, primaryKey: 'id' } } } as never), /version must be a positive integer/],
    ['no tables', () => defineSyncSchema({ version: 1, tables: {} }), /at least one table/],
    ['a step above the version', () => defineSyncSchema({ version: 1, tables: { todos: { schema: todos, primaryKey: 'id' } }, steps: [{ version: 2, upgrade: () => {} }] }), /integer from 1 to 1/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(SyncSchemaError)
    expect(make).toThrow(message)
  })

  it('checks payloads in local names and decoded values, and keeps to the op\'s key', () => {
    const schema = defineSyncSchema({ version: 1, tables: { notes: { schema: z.object({ id: z.string(), createdAt: z.date() }), primaryKey: 'id', fields: { createdAt: 'created_at' } } } })
    const table = schema.tables.notes as never
    expect(validatePayload(table, '1', { id: '1', created_at: { $date: 5 }, unknown: 1 })).toBeNull()
    expect(validatePayload(table, '1', { id: '1', created_at: 5 })).toMatch(/^payload\.createdAt: /)
    expect(validatePayload(table, '1', { id: '2', created_at: { $date: 5 } })).toMatch(/payload\.id: must equal the op's pk "1"/)
  })

  it('the or3 preset has the seed\'s tables, key and field map, and holds pending messages back', () => {
    expect(Object.keys(or3.tables).sort()).toEqual(['file_meta', 'kv', 'messages', 'notifications', 'posts', 'projects', 'threads'])
    expect(or3.tables.file_meta.primaryKey).toBe('hash')
    expect(or3.tables.posts.toWireName.get('postType')).toBe('post_type')
    expect((or3.tables.messages.capture as (row: object) => boolean)({ pending: true })).toBe(false)
  })
})

it('two fields that the schema names may exchange their names on the wire', () => {
  const posts = { schema: z.object({ id: z.string(), a: z.number(), b: z.number() }), primaryKey: 'id' as const, fields: { a: 'b', b: 'a' } }
  const { tables } = defineSyncSchema({ version: 1, tables: { posts } })
  expect(tables.posts.fields).toEqual({ a: 'b', b: 'a' })
})
