import { describe, expect, it } from 'vitest'
import { isReactive, isRef, ref } from 'vue'
import { z } from 'zod'
import { defineSyncSchema, type SyncSchema } from 'or3-sync/schema'
import { planKey } from '#or3-sync/shared/sync/query/plan-key'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { createQueryTables } from '#or3-sync/shared/sync/query/query-tables'
import type { QueryTables } from '#or3-sync/shared/sync/query/query-types'

const schema = defineSyncSchema({
  version: 1,
  tables: {
    todos: { schema: z.object({ id: z.string(), list_id: z.string(), at: z.date(), tags: z.array(z.string()) }), primaryKey: 'id', indexes: ['list_id', 'at', '[list_id+at]', '*tags'] },
    lists: { schema: z.object({ key: z.string() }), primaryKey: 'key' },
  },
})
interface Todo { id: string, list_id: string, at: Date, tags: string[] }
const q = createQueryTables((schema as unknown as SyncSchema).tables) as unknown as QueryTables<typeof schema['tables'], { todos: Todo, lists: { key: string } }>
/** As JavaScript may call it. */
const loose = q as unknown as Record<string, Record<string, (...values: unknown[]) => Record<string, (...values: unknown[]) => unknown>>>

const ALL: QueryPlan = { table: 'todos', index: null, range: null, isReversed: false, offset: 0, limit: null, result: 'rows' }

describe('a query for both sides', () => {
  it('is a plan', () => {
    const at = new Date(5)
    const thread = { ...ALL, index: 'list_id' }
    expect([
      q.todos, q.todos.where('list_id').equals('l').reverse().limit(50), q.todos.orderBy('at').offset(3), q.todos.where('id').startsWith('a').count(), q.todos.get('1'), q.lists.get('k'),
      q.todos.where('at').above(at).first(), q.todos.where('at').belowOrEqual(at), q.todos.where('[list_id+at]').between(['l'], ['l', []]), q.todos.where('tags').anyOf(['a', 'b']),
    ].map(query => query.plan)).toEqual([
      ALL,
      { ...thread, range: { kind: 'equals', value: 'l' }, isReversed: true, limit: 50 },
      { ...ALL, index: 'at', offset: 3 },
      { ...ALL, range: { kind: 'startsWith', prefix: 'a' }, result: 'count' },
      { ...ALL, range: { kind: 'equals', value: '1' }, limit: 1, result: 'row' },
      { ...ALL, table: 'lists', range: { kind: 'equals', value: 'k' }, limit: 1, result: 'row' },
      { ...ALL, index: 'at', range: { kind: 'above', value: at, isInclusive: false }, limit: 1, result: 'row' },
      { ...ALL, index: 'at', range: { kind: 'below', value: at, isInclusive: true } },
      { ...ALL, index: '[list_id+at]', range: { kind: 'between', lower: ['l'], upper: ['l', []], includesLower: true, includesUpper: false } },
      { ...ALL, index: '*tags', range: { kind: 'anyOf', values: ['a', 'b'] } },
    ])
  })

  it('counts a method that is called twice as Dexie does', () => {
    expect(q.todos.reverse().reverse().plan).toEqual(ALL)
    expect(q.todos.limit(5).limit(9).offset(1).offset(2).plan).toEqual({ ...ALL, limit: 5, offset: 3 })
    expect(q.todos.limit(0).first().plan.limit).toBe(0)
  })

  it('does not change when another is made of it', () => {
    const all = q.todos.orderBy('at')
    void all.reverse().limit(1)
    expect(all.plan).toEqual({ ...ALL, index: 'at' })
  })

  it('has keys of its own, without the proxies of Vue, which IndexedDB refuses', () => {
    const key = ref<[string, Date]>(['l', new Date(5)])
    const { plan } = q.todos.where('[list_id+at]').equals(key.value)
    const { value } = plan.range as unknown as { value: unknown[] }
    expect([isReactive(value), isReactive(value[0])]).toEqual([false, false])
    key.value[1].setTime(6)
    key.value[0] = 'm'
    expect(value).toEqual(['l', new Date(5)])
  })

  it.each<[string, () => unknown, RegExp]>([
    ['a table', () => loose.todo, /there is no table "todo"; the tables are: todos, lists/],
    ['a table that every object has', () => loose.toString, /there is no table "toString"/],
    ['an index', () => loose.todos!.where!('title'), /table "todos" has no index "title"; it has: id, list_id, at, \[list_id\+at\], tags/],
    ['the star of an index', () => loose.todos!.orderBy!('*tags'), /no index "\*tags"/],
    ['no key', () => loose.todos!.where!('list_id').equals!(undefined), /table "todos", index "list_id": undefined is no key/],
    ['bytes', () => loose.todos!.where!('list_id').equals!(new ArrayBuffer(2)), /is no key/],
    ['bytes in a list', () => loose.todos!.where!('list_id').equals!(['l', new Uint8Array(2)]), /is no key/],
    ['no condition', () => (loose.todos!.where!('list_id') as unknown as { plan: unknown }).plan, /table "todos", index "list_id": where\(…\) needs a condition/],
    ['no key in a list', () => loose.todos!.where!('list_id').anyOf!(['l', null]), /null is no key/],
    ['no list', () => loose.todos!.where!('list_id').anyOf!('l'), /anyOf takes a list of keys, not "l"/],
    ['no text', () => loose.todos!.where!('list_id').startsWith!(1), /startsWith takes a text, not 1/],
    ['no primary key', () => loose.todos!.get!(null), /table "todos", id: null is no key/],
    ['a limit', () => loose.todos!.limit!(-1), /limit\(-1\): a whole number from 0 on/],
    ['an offset', () => loose.todos!.offset!(1.5), /offset\(1\.5\)/],
    ['a method of Dexie\'s', () => loose.todos!.where!('list_id').equals!('l') && (loose.todos!.limit!(1)).toArray!(), /toArray is no part of a query for both sides; use the function form/],
    ['a condition of Dexie\'s', () => loose.todos!.where!('list_id').noneOf!([]), /noneOf is no part/],
  ])('refuses %s that is not there, by name', (_, make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
  })

  it('is no promise, and Vue may look at it', async () => {
    expect((await Promise.resolve(q.todos)).plan).toEqual(ALL)
    expect(JSON.parse(JSON.stringify(q.todos))).toEqual({ plan: ALL })
    expect(isRef(q.todos) || isReactive(q)).toBe(false)
  })
})

describe('the key of a plan', () => {
  it('is another for whatever asks for something else', () => {
    const at = (value: unknown) => planKey({ ...ALL, index: 'at', range: { kind: 'equals', value: value as never } })
    const keys = [1, '1', new Date(1), new Date(2), Infinity, -Infinity, [], [1], [[1]], [new Date(1)], new Date(1).toJSON()].map(at)
    expect(new Set(keys).size).toBe(keys.length)
    expect(at([new Date(1), 'x'])).toBe(at([new Date(1), 'x']))
  })
})
