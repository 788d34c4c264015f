import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { SyncRow } from 'or3-sync/client'
import { defineSyncSchema, type or3, type SchemaTables, type SyncSchema, type SyncTable } from 'or3-sync/schema'
import type { QueryTables, SyncQuery } from '#or3-sync/shared/sync/query/query-types'

const row = z.object({
  id: z.string(), thread_id: z.string(), at: z.date(), index: z.number().nullish(), tags: z.array(z.enum(['x', 'y'])).optional(), meta: z.object({ kind: z.enum(['p', 'q']) }).optional(),
})
const someIndexes: string[] = ['thread_id']
const schema = defineSyncSchema({
  version: 1,
  tables: {
    messages: { schema: row, primaryKey: 'id', indexes: ['thread_id', '[thread_id+index]', 'at', 'index', '*tags', 'meta.kind'], capture: ({ thread_id }) => thread_id !== '' },
    plain: { schema: row, primaryKey: 'id' },
    loose: { schema: row, primaryKey: 'id', indexes: someIndexes },
  },
})
type Rows<S extends { tables: object }> = { [K in keyof SchemaTables<S>]: SyncRow<SchemaTables<S>[K]> }
type Message = Rows<typeof schema>['messages']
const resultOf = <R>(_: SyncQuery<R>) => undefined as R

/** Types only: what is written here never runs. */
const typesOf = (_: (q: QueryTables<typeof schema['tables'], Rows<typeof schema>>) => void) => {}

describe('a schema\'s types', () => {
  it('know the names of its indexes and keys, and take any text where they cannot', () => {
    type Names<T> = T extends SyncTable<infer _, infer I, infer P> ? [I, P] : never
    expectTypeOf<Names<typeof schema.tables.messages>>().toEqualTypeOf<['thread_id' | '[thread_id+index]' | 'at' | 'index' | '*tags' | 'meta.kind', 'id']>()
    expectTypeOf<Names<typeof schema.tables.plain>>().toEqualTypeOf<[never, 'id']>()
    expectTypeOf<Names<typeof schema.tables.loose>>().toEqualTypeOf<[string, 'id']>()
    expectTypeOf<Names<typeof or3.tables.file_meta>>().toEqualTypeOf<[never, 'hash']>()
    expectTypeOf<Names<typeof or3.tables.messages>[0]>().toEqualTypeOf<'thread_id' | '[thread_id+index]' | '[thread_id+order_key]'>()
    expectTypeOf<Names<SyncSchema['tables'][string]>>().toEqualTypeOf<[string, string]>()
  })
})

describe('a query\'s types', () => {
  it('say what it gives', () => typesOf((q) => {
    expectTypeOf(resultOf(q.messages)).toEqualTypeOf<Message[]>()
    expectTypeOf(resultOf(q.messages.where('thread_id').equals('t').reverse().offset(1).limit(5))).toEqualTypeOf<Message[]>()
    expectTypeOf(resultOf(q.messages.orderBy('at').count())).toEqualTypeOf<number>()
    expectTypeOf(resultOf(q.plain.first())).toEqualTypeOf<Message | undefined>()
    expectTypeOf(resultOf(q.plain.get('1'))).toEqualTypeOf<Message | undefined>()
  }))

  it('take keys of the index', () => typesOf((q) => {
    q.messages.where('at').between(new Date(1), new Date(2), true, true)
    q.messages.where('tags').anyOf(['x'])
    q.messages.where('meta.kind').equals('p')
    q.messages.where('[thread_id+index]').equals(['t', 1])
    q.messages.where('[thread_id+index]').between(['t'], ['t', []])
    q.plain.where('id').startsWith('a')
    q.loose.where('anything').above(1)
    // @ts-expect-error -- the texts of a thread are no numbers
    q.messages.where('thread_id').equals(5)
    // @ts-expect-error -- not a tag
    q.messages.where('tags').equals('z')
    // @ts-expect-error -- not a kind
    q.messages.where('meta.kind').anyOf(['r'])
    // @ts-expect-error -- an index of two fields has keys of two values
    q.messages.where('[thread_id+index]').equals(['t'])
    // @ts-expect-error -- the second field is a number
    q.messages.where('[thread_id+index]').above(['t', 'a'])
    // @ts-expect-error -- numbers have no beginning
    q.messages.where('index').startsWith('1')
    // @ts-expect-error -- primary keys are texts
    q.messages.get(1)
  }))

  it('refuse tables, indexes and methods that are not there', () => typesOf((q) => {
    // @ts-expect-error -- no such table
    void q.nope
    // @ts-expect-error -- no such index
    q.messages.where('text')
    // @ts-expect-error -- no index at all
    q.plain.orderBy('thread_id')
    // @ts-expect-error -- named as in Dexie, without the star
    q.messages.where('*tags')
    // @ts-expect-error -- of the function form
    q.messages.filter(() => true)
    // @ts-expect-error -- of the function form
    q.messages.where('thread_id').equals('t').toArray()
    // @ts-expect-error -- of the function form
    q.messages.where('thread_id').notEqual('t')
    // @ts-expect-error -- a query does not write
    q.messages.put({})
  }))
})
