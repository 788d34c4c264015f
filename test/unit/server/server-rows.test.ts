import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { createSyncGateway, memoryBackend, sqliteBackend, SyncError } from 'or3-sync/server'
import type { BackendWrite, ChangedInfo, GatewayOptions, SyncBackend, SyncGateway } from 'or3-sync/server'
import { defineSyncSchema } from 'or3-sync/schema'
import { BackendUnavailableError } from '../../../server/lib/errors/backend-unavailable-error'
import { acceptedOp, NOW } from './support/make-op'
import { startTestGateway } from './support/test-gateway'

const schema = defineSyncSchema({
  version: 1,
  tables: {
    todos: { schema: z.object({ id: z.string(), title: z.string(), done: z.boolean().optional() }).loose(), primaryKey: 'id', maxBytes: 2_000 },
    events: {
      schema: z.object({ eventId: z.string(), startsAt: z.date(), size: z.bigint().optional(), picture: z.instanceof(Uint8Array).optional(), note: z.string().optional() }),
      primaryKey: 'eventId',
      wireName: 'calendar',
      fields: { eventId: 'event_id', startsAt: 'starts_at', note: 'remark' },
    },
    labels: { schema: z.object({ id: z.string(), color: z.string() }), primaryKey: 'id', upgradeRow: row => ({ ...row, color: row.color ?? 'grey' }) },
  },
})

let backend: SyncBackend
let sync: ReturnType<typeof open>
function open(options: Partial<GatewayOptions> = {}) {
  return createSyncGateway({ schema, backend, session: () => null, now: () => NOW, ...options as object })
}
beforeEach(() => {
  backend = memoryBackend()
  sync = open()
})
afterEach(() => sync.close())

/** What a call rejects with, as a plain object. */
async function problem(work: Promise<unknown>): Promise<Pick<SyncError, 'code' | 'message' | 'index' | 'table' | 'pk' | 'field'>> {
  const error = await work.then(() => null, (error: unknown) => error)
  if (!(error instanceof SyncError)) throw new Error(`it rejected with ${String(error)}`)
  const { code, message, index, table, pk, field } = error
  return { code, message, index, table, pk, field }
}
/** For calls that do not compile. */
const loose = () => sync as SyncGateway

describe('rows that the server writes', () => {
  it('are answered as devices have them: local names, decoded values, revision', async () => {
    const event = { eventId: 'e', startsAt: new Date(5), size: 90071992547409931n, picture: new Uint8Array([1, 2]), note: 'n' }
    const { rows, serverVersion } = await sync.write('w1', [{ table: 'events', put: event }, { table: 'todos', put: { id: 'a', title: 'x' } }])
    expect(rows[0]).toEqual({ ...event, clock: 1, hlc: rows[0].hlc, op_id: rows[0].op_id })
    expect([rows[1].title, serverVersion]).toEqual(['x', 2])
    expect((await backend.get({ workspaceId: 'w1', tableName: 'calendar', pk: 'e' }))!.payload).toBe('{"event_id":"e","starts_at":{"$date":5},"size":{"$bigint":"90071992547409931"},"picture":{"$bytes":"AQI="},"remark":"n"}')
    expect(await sync.get('w1', 'events', 'e')).toEqual(rows[0])
    expect(await sync.list('w1', 'events')).toEqual({ rows: [rows[0]], next: null })
  })

  it('are updated field by field, and undefined takes a field away, under either of its names', async () => {
    await sync.write('w1', [{ table: 'events', put: { eventId: 'e', startsAt: new Date(5), size: 1n, note: 'n' } }])
    const { rows: [event] } = await sync.write('w1', [{ table: 'events', update: { eventId: 'e', startsAt: new Date(6), note: undefined } }])
    expect(event).toEqual({ eventId: 'e', startsAt: new Date(6), size: 1n, clock: 2, hlc: event.hlc, op_id: event.op_id })
    const { rows: [again] } = await loose().write('w1', [{ table: 'events', update: { event_id: 'e', starts_at: undefined, startsAt: new Date(7), remark: 'm' } }])
    expect(again).toMatchObject({ startsAt: new Date(7), note: 'm' })
  })

  it('may carry the revision of a row that was read', async () => {
    const { rows: [first] } = await sync.write('w1', [{ table: 'todos', put: { id: 'a', title: 'x' } }])
    const { rows: [second] } = await sync.write('w1', [{ table: 'todos', put: { ...first, title: 'y' }, expect: first }])
    expect(second).toMatchObject({ title: 'y', clock: 2 })
    expect(await problem(sync.write('w1', [{ table: 'todos', put: { ...first, title: 'z' }, expect: first }]))).toMatchObject({ code: 'CONFLICT', index: 0, table: 'todos', pk: 'a' })
    expect((await backend.get({ workspaceId: 'w1', tableName: 'todos', pk: 'a' }))!.payload).toBe('{"id":"a","title":"y"}')
  })

  it('are gone after a delete, whose answer is null', async () => {
    await sync.write('w1', [{ table: 'todos', put: { id: 'a', title: 'x' } }])
    expect(await sync.write('w1', [{ table: 'todos', delete: 'a' }, { table: 'todos', delete: 'b' }])).toEqual({ serverVersion: 2, rows: [null, null] })
    expect([await sync.get('w1', 'todos', 'a'), await sync.list('w1', 'todos')]).toEqual([undefined, { rows: [], next: null }])
    expect(await sync.write('w1', [])).toEqual({ serverVersion: 2, rows: [] })
  })

  it('come in today\'s shape', async () => {
    await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ table: 'labels', pk: 'l', payload: { id: 'l' } })], now: NOW })
    expect(await sync.get('w1', 'labels', 'l')).toMatchObject({ id: 'l', color: 'grey' })
    expect((await sync.list('w1', 'labels')).rows).toMatchObject([{ color: 'grey' }])
  })

  it('are told to listeners, with whose they are', async () => {
    const told: ChangedInfo[] = []
    sync = open({ onChanged: (changed) => { told.push(changed) } })
    await sync.write('w1', [{ table: 'events', put: { eventId: 'e', startsAt: new Date(5) } }, { table: 'todos', delete: 'never there' }], { as: 'bot' })
    await sync.write('w1', [{ table: 'events', delete: 'e' }])
    await sync.write('w1', [{ table: 'events', delete: 'e' }])
    await sync.write('w1', [{ table: 'events', update: { eventId: 'e' } }]).catch(() => {})
    await sync.drain()
    expect(told.map(({ workspaceId, userId, changes }) => [workspaceId, userId, changes.map(({ table, pk, operation, previous }) => [table, pk, operation, previous?.clock ?? null])]))
      .toEqual([['w1', 'bot', [['events', 'e', 'put', null]]], ['w1', null, [['events', 'e', 'delete', 1]]]])
  })

  it('are listed page by page', async () => {
    await sync.write('w1', ['c', 'a', 'b'].map(id => ({ table: 'todos' as const, put: { id, title: id } })))
    const first = await sync.list('w1', 'todos', { limit: 2 })
    expect([first.rows.map(({ id }) => id), first.next]).toEqual([['a', 'b'], 'b'])
    expect(await sync.list('w1', 'todos', { limit: 2, after: first.next! })).toMatchObject({ rows: [{ id: 'c' }], next: null })
    expect((await sync.list('w1', 'todos', { order: 'desc', prefix: 'b' })).rows).toMatchObject([{ id: 'b' }])
  })
})

describe('a write that is wrong', () => {
  const refused = async (edit: unknown) => {
    const said = await problem(loose().write('w1', [{ table: 'todos', put: { id: 'ok', title: 'ok' } }, edit] as never))
    expect(await sync.list('w1', 'todos')).toEqual({ rows: [], next: null })
    return said
  }

  it.each([
    [null, 'edits[1]: must be an object { table, put | update | delete, expect? }, not null'],
    [{ table: 'todos', putt: { id: 'a', title: 'x' } }, 'edits[1]: unknown key "putt"; did you mean "put"?'],
    [{ table: 'todos', put: { id: 'a', title: 'x' }, where: 1 }, 'edits[1]: unknown key "where"; the keys are table, put, update, delete, expect'],
    [{ table: 'todo', put: { id: 'a' } }, 'edits[1].table: unknown table "todo"; did you mean "todos"?'],
    [{ table: 'calendar', delete: 'a' }, 'edits[1].table: unknown table "calendar"; the tables are todos, events, labels'],
    [{ put: { id: 'a' } }, 'edits[1].table: unknown table (undefined); the tables are todos, events, labels'],
    [{ table: 'todos' }, 'edits[1]: needs one of put, update and delete, not none'],
    [{ table: 'todos', put: { id: 'a', title: 'x' }, delete: 'a' }, 'edits[1]: needs one of put, update and delete, not put and delete'],
    [{ table: 'todos', put: 'a' }, 'edits[1], put of todos: must be a row of the table, as an object, not string'],
    [{ table: 'todos', put: [] }, 'edits[1], put of todos: must be a row of the table, as an object, not a list'],
  ])('is told in one sentence: %j', async (edit, message) => {
    expect(await refused(edit)).toMatchObject({ code: 'VALIDATION_ERROR', message, index: 1 })
  })

  it.each([
    [{ table: 'todos', put: { title: 'x' } }, 'id', 'edits[1], put of todos: must have the table\'s primary key "id"'],
    [{ table: 'todos', update: { title: 'x' } }, 'id', 'edits[1], update of todos: must have the table\'s primary key "id"'],
    [{ table: 'todos', put: { id: 7, title: 'x' } }, 'id', 'edits[1], put of todos: field "id": a primary key must be a string, not number'],
    [{ table: 'todos', delete: '' }, 'id', 'edits[1], delete of todos: a primary key must not be empty'],
    [{ table: 'todos', delete: { id: 'a' } }, 'id', 'edits[1], delete of todos: a primary key must be a string, not object'],
    [{ table: 'todos', put: { id: 'a', title: 'x' }, expect: { clock: 1 } }, 'expect', 'edits[1], put of todos: expect must be null or a revision { clock, hlc }, as a row has it that was read'],
    [{ table: 'todos', put: { id: 'a', title: 'x' }, expect: 5 }, 'expect', 'edits[1], put of todos: expect must be null or a revision { clock, hlc }, as a row has it that was read'],
    [{ table: 'todos', put: { id: 'a', title: 'x', when: () => 1 } }, 'when', 'edits[1], put of todos: when is a function; rows may hold JSON values, Date, bigint, Uint8Array and ArrayBuffer'],
  ])('names the field: %j', async (edit, field, message) => {
    expect(await refused(edit)).toMatchObject({ code: 'VALIDATION_ERROR', message, field, index: 1, table: 'todos' })
  })

  it('names table, key and field where the schema refuses a row', async () => {
    expect(await refused({ table: 'events', put: { eventId: 'e', startsAt: 'today' } })).toMatchObject({ code: 'VALIDATION_ERROR', index: 1, table: 'events', pk: 'e', field: 'startsAt' })
    expect(await refused({ table: 'todos', put: { id: 'a', title: 'x'.repeat(3_000) } })).toMatchObject({ code: 'OVERSIZED', index: 1, table: 'todos', pk: 'a' })
    expect(await refused({ table: 'todos', update: { id: 'a', title: 'x' } })).toMatchObject({ code: 'NOT_FOUND', index: 1, table: 'todos', pk: 'a' })
  })

  it('may name each record once', async () => {
    expect(await refused({ table: 'todos', delete: 'ok' })).toMatchObject({
      code: 'VALIDATION_ERROR', message: 'edits[1]: edits[0] names the record todos "ok" as well; a write may name each record once', index: 1, table: 'todos', pk: 'ok',
    })
  })

  it('is refused whole above a thousand edits or a mebibyte', async () => {
    const edits = (count: number, title: string) => Array.from({ length: count }, (_, index) => ({ table: 'todos' as const, put: { id: `row-${index}`, title } }))
    expect(await problem(sync.write('w1', edits(1_001, 'x')))).toMatchObject({ code: 'OVERSIZED', index: 1_000 })
    expect(await problem(sync.write('w1', edits(700, 'x'.repeat(1_700))))).toMatchObject({ code: 'OVERSIZED' })
    expect(await sync.list('w1', 'todos')).toEqual({ rows: [], next: null })
  })

  it('does not ask a store for more than its limits', async () => {
    let asked = 0
    backend = Object.assign(memoryBackend(), { limits: { ops: 2, bytes: 100 }, write: () => { asked++ } }) as unknown as SyncBackend
    sync = open()
    const edit = (id: string, title = 'x') => ({ table: 'todos' as const, put: { id, title } })
    expect(await problem(sync.write('w1', [edit('a'), edit('b'), edit('c')]))).toMatchObject({ code: 'OVERSIZED', message: expect.stringContaining('at most 2 edits, this one has 3') as string, index: 2 })
    expect(await problem(sync.write('w1', [edit('a'), edit('b', 'x'.repeat(90))]))).toMatchObject({ code: 'OVERSIZED', message: expect.stringContaining('at most 100 bytes') as string, index: 1 })
    expect(asked).toBe(0)
  })

  it.each([
    [() => loose().write('', []), 'workspaceId: a workspace id must not be empty'],
    [() => loose().write('w1', {} as never), 'edits: must be a list of edits, not object'],
    [() => loose().write('w1', [], { As: 'bot' } as never), 'write: unknown option "As"; did you mean "as"?'],
    [() => loose().write('w1', [], { as: 7 } as never), 'as: must be a user id, not number'],
    [() => loose().get('w1', 'nope', 'a'), 'table: unknown table "nope"; the tables are todos, events, labels'],
    [() => loose().get('w1', 'todos', ''), 'get of todos: a primary key must not be empty'],
    [() => loose().list('w1', 'todos', { limit: 0 }), 'list of todos: limit: must be a whole number from 1 to 1000'],
    [() => loose().list('w1', 'todos', { limit: 1_001 }), 'list of todos: limit: must be a whole number from 1 to 1000'],
    [() => loose().list('w1', 'todos', { prefix: '\uD83D' }), 'list of todos: prefix: a primary key must be well-formed Unicode (it has a lone surrogate)'],
    [() => loose().list('w1', 'todos', { after: '\uD83D' }), 'list of todos: after: a primary key must be well-formed Unicode (it has a lone surrogate)'],
    [() => loose().list('w1', 'todos', { order: 'up' } as never), 'list of todos: order: must be "asc" or "desc"'],
    [() => loose().list('w1', 'todos', { from: 'a' } as never), 'list of todos: unknown option "from"; the options are prefix, after, limit, order'],
  ])('says what would be right: %s', async (call, message) => {
    expect(await problem(call())).toMatchObject({ code: 'VALIDATION_ERROR', message })
  })
})

describe('a server that cannot', () => {
  it('says that sync is off', async () => {
    sync = open({ enabled: () => false })
    for (const call of [sync.write('w1', []), sync.get('w1', 'todos', 'a'), sync.list('w1', 'todos')]) expect(await problem(call)).toMatchObject({ code: 'SYNC_DISABLED' })
  })

  it('says that the store is away, and that trying again may help', async () => {
    const memory = memoryBackend()
    let isAway = true
    const away = async () => { throw new BackendUnavailableError('the disk is full') }
    backend = Object.assign(memoryBackend(), { write: (request: never) => isAway ? away() : memory.write(request), get: away, list: away })
    sync = open()
    for (const call of [sync.write('w1', [{ table: 'todos', put: { id: 'a', title: 'x' } }]), sync.get('w1', 'todos', 'a'), sync.list('w1', 'todos')]) {
      await expect(call).rejects.toMatchObject({ name: 'SyncError', code: 'SERVER_ERROR', retryable: true, message: 'the disk is full' })
    }
    isAway = false
    expect((await sync.write('w1', [{ table: 'todos', put: { id: 'a', title: 'x' } }])).serverVersion).toBe(1)
  })

  it('says in its health that writes fail, until one is stored', async () => {
    let isFull = true
    const memory = memoryBackend()
    const server = await startTestGateway({ backend: Object.assign(memoryBackend(), { write: async (request: BackendWrite) => {
      if (isFull) throw new BackendUnavailableError('the disk is full')
      return await memory.write(request)
    } }) })
    const write = (pk: string) => server.gateway.write('w1', [{ table: 'todos', delete: pk }, { table: 'todos', put: { id: 'a', title: 'x' }, expect: null }])
    const writes = async () => (await server.get<{ writes?: string }>('/health')).body.writes
    await expect(write('b')).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect(await writes()).toBe('failing')
    isFull = false
    await write('b')
    expect(await writes()).toBeUndefined()
    // A refusal is about the edits, not about the store.
    await expect(write('b')).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await writes()).toBeUndefined()
    await server.stop()
  })

  it('does not read rows of another workspace', async () => {
    backend = sqliteBackend({ path: ':memory:' })
    sync = open()
    await sync.write('w1', [{ table: 'todos', put: { id: 'a', title: 'x' } }])
    expect([await sync.get('w2', 'todos', 'a'), (await sync.list('w2', 'todos')).rows]).toEqual([undefined, []])
  })
})

it('types: a wrong table, field or expectation does not compile', () => {
  // Only compiled.
  const compiled = async () => {
    const { rows } = await sync.write('w', [{ table: 'todos', put: { id: 'a', title: 't' } }, { table: 'events', update: { eventId: 'e', note: undefined }, expect: null }])
    expectTypeOf(rows[0].title).toEqualTypeOf<string>()
    expectTypeOf(rows[1].startsAt).toEqualTypeOf<Date>()
    expectTypeOf(rows[1].clock).toEqualTypeOf<number>()
    const deleted = await sync.write('w', [{ table: 'todos', delete: 'a' }, { table: 'todos', put: { id: 'b', title: 't' } }])
    expectTypeOf(deleted.rows[1]?.title).toEqualTypeOf<string | undefined>()
    const many = await sync.write('w', ['a', 'b'].map(id => ({ table: 'todos' as const, put: { id, title: id } })))
    expectTypeOf(many.rows[0]!.done).toEqualTypeOf<boolean | undefined>()
    expectTypeOf((await sync.get('w', 'todos', 'a'))?.hlc).toEqualTypeOf<string | undefined>()
    expectTypeOf((await sync.list('w', 'events')).rows[0]!.size).toEqualTypeOf<bigint | undefined>()
    // @ts-expect-error -- no such table
    void sync.write('w', [{ table: 'nope', put: { id: 'a', title: 't' } }])
    // @ts-expect-error -- no such field
    void sync.write('w', [{ table: 'events', put: { eventId: 'e', startsAt: new Date(), nope: 1 } }])
    // @ts-expect-error -- no such field
    void sync.write('w', [{ table: 'events', update: { eventId: 'e', nope: 1 } }])
    // @ts-expect-error -- a field of another table
    void sync.write('w', [{ table: 'labels', put: { id: 'a', title: 't' } }])
    // @ts-expect-error -- a field is missing
    void sync.write('w', [{ table: 'todos', put: { id: 'a' } }])
    // @ts-expect-error -- of another type
    void sync.write('w', [{ table: 'todos', update: { id: 'a', title: 5 } }])
    // @ts-expect-error -- half a revision
    void sync.write('w', [{ table: 'todos', delete: 'a', expect: { clock: 1 } }])
    // @ts-expect-error -- two edits in one
    void sync.write('w', [{ table: 'todos', put: { id: 'a', title: 't' }, delete: 'a' }])
    // @ts-expect-error -- misspelt
    void sync.write('w', [{ table: 'todos', putt: { id: 'a', title: 't' } }])
    // @ts-expect-error -- no such table
    void sync.get('w', 'nope', 'a')
    // @ts-expect-error -- no such option
    void sync.list('w', 'todos', { from: 'a' })
    // @ts-expect-error -- no such field
    void (await sync.get('w', 'events', 'e'))?.nope
    // A gateway of any schema: the type that apps name.
    const any: SyncGateway = sync
    void any.write('w', [{ table: 'whatever', put: { id: 'a' } }])
  }
  expect(compiled).toBeTypeOf('function')
})
