import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import * as zodMini from 'zod/mini'
import * as zod3 from 'zod/v3'
import { defineSyncSchema, or3, SyncSchemaError } from 'or3-sync/schema'
import { createSyncDatabase } from '#or3-sync/core/sync/database/sync-database'
import { ROW_BYTES_LIMIT, SCHEMA_VERSION_MAX } from '#or3-sync/shared/sync/protocol/limits'
import { nearestName } from '#or3-sync/shared/sync/schema/nearest-name'

const row = z.object({ id: z.string(), title: z.string(), done: z.boolean().optional() })
const define = (table: object, more: object = {}) => () => defineSyncSchema({ version: 1, tables: { todos: { schema: row, primaryKey: 'id', ...table } }, ...more } as never)
const withFields = (fields: Record<string, z.ZodType>, table: object = {}) => define({ schema: z.object({ id: z.string(), ...fields }), ...table })

function refusal(make: () => unknown): SyncSchemaError {
  try { make() }
  catch (error) { return error as SyncSchemaError }
  throw new Error('it was taken')
}

describe('F6: no field has a name that vanishes on the way', () => {
  const names = ['_id', 'workspace_id', 'prototype', 'constructor', '__proto__']

  it.each(names)('%s as a field', (name) => {
    expect(refusal(withFields({ [name]: z.string() }))).toMatchObject({ table: 'todos', field: name, message: expect.stringContaining(`"${name}" is a name that no store takes`) as string })
  })

  it.each(names)('%s as a wire name', (name) => {
    expect(refusal(define({ fields: { title: name } }))).toMatchObject({ table: 'todos', field: 'title', message: expect.stringContaining(`the wire name "${name}" is a name that no store takes`) as string })
  })

  it.each(names)('%s where the schema does not tell its fields: as the key, and in the map', (name) => {
    const opaque = { '~standard': { version: 1, vendor: 'mine', validate: (value: unknown) => ({ value }) } }
    expect(define({ schema: opaque, primaryKey: name })).toThrow(`primaryKey "${name}" is a name that no store takes`)
    expect(define({ schema: opaque, fields: { [`${name}`]: 'wire' } })).toThrow(SyncSchemaError)
  })

  it('the engine\'s own columns, as before', () => {
    for (const name of ['clock', 'hlc', 'op_id']) {
      expect(withFields({ [name]: z.string() })).toThrow(`"${name}" is a column of the sync engine`)
      expect(define({ fields: { title: name } })).toThrow(`the wire name "${name}" is a column of the sync engine`)
    }
  })
})

describe('F64: an index or key that IndexedDB cannot have is refused with the reason', () => {
  it.each<[string, z.ZodType, string | RegExp]>([
    ['a boolean', z.boolean(), 'index "it": IndexedDB cannot index the boolean values of "it"; leave the index out and filter, or keep 0 and 1'],
    ['an optional one', z.boolean().nullish(), 'cannot index the boolean'],
    ['one with a default', z.boolean().default(true), 'cannot index the boolean'],
    ['one behind a check', z.boolean().refine(Boolean), 'cannot index the boolean'],
    ['one that is made into something else', z.boolean().transform(Number), 'cannot index the boolean'],
    ['a lazy one', z.lazy(() => z.boolean()), 'cannot index the boolean'],
    ['literal booleans', z.union([z.literal(true), z.literal(false), z.null()]), 'cannot index the boolean'],
    ['an array', z.array(z.string()), 'index "it": "it" is an array; "*it" finds rows by its items'],
    ['a tuple', z.tuple([z.string()]), 'is an array'],
    ['an object', z.object({ a: z.string() }), 'cannot index the object'],
    ['a record', z.record(z.string(), z.string()), 'cannot index the object'],
    ['a bigint', z.bigint(), 'cannot index the bigint'],
  ])('an index on %s', (_, schema, message) => {
    expect(refusal(withFields({ it: schema }, { indexes: ['it'] }))).toMatchObject({ table: 'todos', field: 'it' })
    expect(withFields({ it: schema }, { indexes: ['it'] })).toThrow(message)
    expect(withFields({ it: schema }, { indexes: ['[id+it]'] }), 'in a compound index').toThrow('index "[id+it]"')
    expect(withFields({ deep: z.object({ it: schema }).optional() }, { indexes: ['deep.it'] }), 'deep inside').toThrow('index "deep.it"')
  })

  it('an index on the items of an array of booleans', () => {
    expect(withFields({ it: z.array(z.boolean()) }, { indexes: ['*it'] })).toThrow('cannot index the boolean values of "it"')
  })

  it.each<[string, z.ZodType, string]>([
    ['a string', z.string().optional(), 'it'],
    ['a number', z.number(), 'it'],
    ['a date', z.date(), 'it'],
    ['words', z.enum(['a', 'b']), 'it'],
    ['items of an array', z.array(z.string()), '*it'],
    ['now a boolean, now a number', z.union([z.boolean(), z.number()]), 'it'],
    ['what is made of anything', z.preprocess(Boolean, z.boolean()), 'it'],
    ['anything', z.unknown(), 'it'],
  ])('%s may be indexed', (_, schema, index) => {
    expect(withFields({ it: schema }, { indexes: [index, '[id+it]'].slice(0, index === 'it' ? 2 : 1) })).not.toThrow()
  })

  it.each<[string, z.ZodType, string]>([
    ['a number', z.number(), 'primaryKey "key" is a number; a primary key must be a string'],
    ['an integer', z.int(), 'is a number'],
    ['a boolean', z.boolean(), 'is a boolean'],
    ['a date', z.date(), 'is a date'],
    ['numbers by name', z.literal([1, 2]), 'is a number'],
  ])('a primary key that is %s', (_, schema, message) => {
    expect(refusal(withFields({ key: schema }, { primaryKey: 'key' }))).toMatchObject({ table: 'todos', field: 'key', message: expect.stringContaining(message) as string })
  })

  it.each<[string, z.ZodType]>([
    ['a UUID', z.uuid()], ['words', z.enum(['a', 'b'])], ['a branded string', z.string().brand('Id')], ['a template', z.templateLiteral(['a', z.string()])], ['strings of two kinds', z.union([z.uuid(), z.email()])],
  ])('a primary key that is %s is taken', (_, schema) => {
    expect(withFields({ key: schema }, { primaryKey: 'key' })).not.toThrow()
  })

  it('zod/mini and zod 3 are looked into as well', () => {
    for (const schema of [
      zodMini.object({ id: zodMini.string(), done: zodMini.optional(zodMini.boolean()) }),
      zod3.z.object({ id: zod3.z.string(), done: zod3.z.boolean().optional().default(false) }),
    ]) {
      expect(define({ schema, indexes: ['done'] })).toThrow('cannot index the boolean')
      expect(define({ schema, primaryKey: 'done' })).toThrow('is a boolean')
      expect(define({ schema })).not.toThrow()
    }
  })
})

describe('F58: an option that nobody knows is refused, with the nearest known one', () => {
  it.each([
    ['captrue', 'did you mean "capture"?'], ['index', 'did you mean "indexes"?'], ['exlude', 'did you mean "exclude"?'], ['primarykey', 'did you mean "primaryKey"?'], ['maxbytes', 'did you mean "maxBytes"?'],
    ['local', 'the options are schema, primaryKey, indexes, fields, capture, exclude, maxBytes'],
  ])('%s of a table', (option, advice) => {
    const error = refusal(define({ [option]: true }))
    expect(error).toMatchObject({ table: 'todos', field: option })
    expect(error.message).toContain(`table "todos": unknown option "${option}"; ${advice}`)
  })

  it('of the schema, and of a step', () => {
    expect(refusal(define({}, { step: [] }))).toMatchObject({ field: 'step', message: 'unknown option "step"; did you mean "steps"?' })
    expect(refusal(define({}, { steps: [{ version: 1, upgarde() {} }] }))).toMatchObject({ field: 'upgarde', message: 'a step: unknown option "upgarde"; did you mean "upgrade"?' })
  })

  it('capture and exclude answer at once', () => {
    expect(define({ capture: async () => true })).toThrow('capture is asynchronous')
    expect(define({ exclude: async () => true })).toThrow('exclude is asynchronous')
  })

  it('a table of another schema may be handed in as it is, and keeps its wire names', () => {
    const mine = defineSyncSchema({ version: 1, tables: { posts: or3.tables.posts, todos: { schema: row, primaryKey: 'id' } } } as never) as typeof or3
    expect(mine.tables.posts.toWireName).toEqual(or3.tables.posts.toWireName)
  })

  it('the nearest name is one that a slip of the hand makes of it', () => {
    const known = ['enabled', 'provider', 'backend', 'logLevel']
    expect(['enabld', 'enalbed', 'Provider', 'loglevel', 'bakcend', 'colour'].map(name => nearestName(name, known))).toEqual(['enabled', 'enabled', 'provider', 'logLevel', 'backend', null])
    expect(nearestName('x', [])).toBeNull()
  })
})

describe('C6: what no browser and no request takes is refused at start', () => {
  const opaque = { '~standard': { version: 1, vendor: 'mine', validate: (value: unknown) => ({ value }) } }
  const version = (value: unknown) => () => defineSyncSchema({ version: value, tables: { todos: { schema: row, primaryKey: 'id' } } } as never)

  it.each(['constructor', 'toString', 'toLocaleString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable'])('a table called %s', (name) => {
    expect(refusal(() => defineSyncSchema({ version: 1, tables: { [name]: { schema: row, primaryKey: 'id' } } }))).toMatchObject({ table: name, message: `table name "${name}" is a property of every object; choose another` })
  })

  it.each([20_261_127_153_000, Number.MAX_SAFE_INTEGER, 1e13])('the version %d', (value) => {
    expect(refusal(version(value))).toMatchObject({ field: 'version', message: `version must be a positive integer up to ${SCHEMA_VERSION_MAX}, which is what browsers can count, not ${value}` })
  })

  it('the highest version opens, on a device that has an earlier one, too', async () => {
    const indexedDB = new IDBFactory()
    for (const value of [202_611_271_530, SCHEMA_VERSION_MAX]) {
      const db = createSyncDatabase({ name: 'db', schema: version(value)() as never, indexedDB, IDBKeyRange })
      await db.table('todos').put({ id: `${value}` })
      expect(await db.table('todos').count()).toBe(value === SCHEMA_VERSION_MAX ? 2 : 1)
      db.close()
    }
  })

  it('maxBytes above what a request can carry', () => {
    expect(define({ maxBytes: 3e6 })).toThrow(`maxBytes must be a positive integer up to ${ROW_BYTES_LIMIT}, which is what one request can carry, not 3000000`)
    expect(define({ maxBytes: ROW_BYTES_LIMIT })).not.toThrow()
  })

  it.each(['&title', ' &title', 'title, &other', '[title+&other]', '++title', '*&title'])('the index "%s", whatever the schema tells of its fields', (index) => {
    expect(define({ schema: opaque, indexes: [index] })).toThrow('is unique or auto-incremented')
  })

  it.each(['', '*', 'title, other', ' title', '[title+ other]', '[]', '[title', '*[a+b]', '[[a+b]+c]', 'a..b', 'a+b'])('the index "%s"', (index) => {
    expect(refusal(define({ schema: opaque, indexes: [index] }))).toMatchObject({ table: 'todos', field: index, message: expect.stringContaining(`index "${index}" must be one field, as in "list_id"`) as string })
  })

  it.each(['title', 'meta.kind', '*tags', '[a+b]', '[meta.kind+b]', '$odd-näme', '[a]'])('the index "%s" is taken', (index) => {
    expect(define({ schema: opaque, indexes: [index] })).not.toThrow()
  })

  it.each(['++id', '&id', 'id, title', ' id', '[a+b]', 'a.b', '*id'])('the primaryKey "%s"', (primaryKey) => {
    expect(refusal(define({ schema: opaque, primaryKey }))).toMatchObject({ field: primaryKey, message: expect.stringContaining(`primaryKey "${primaryKey}" must be the name of one field`) as string })
  })
})
