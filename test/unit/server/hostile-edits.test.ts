import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSyncGateway, memoryBackend, sqliteBackend, SyncError } from 'or3-sync/server'
import type { SyncGateway } from 'or3-sync/server'
import { defineSyncSchema } from 'or3-sync/schema'

const schema = defineSyncSchema({
  version: 1,
  tables: {
    todos: { schema: z.object({ id: z.string(), title: z.string() }).loose(), primaryKey: 'id' },
    // Each field has the name on the wire that another one has here.
    swapped: { schema: z.object({ id: z.string(), a: z.number().optional(), b: z.number().optional() }).loose(), primaryKey: 'id', fields: { id: 'key', a: 'b', b: 'a' } },
    kv: { schema: z.object({ id: z.string(), name: z.string() }).loose(), primaryKey: 'id' },
    upgraded: { schema: z.object({ id: z.string(), n: z.number() }).loose(), primaryKey: 'id', upgradeRow: ({ old, ...row }) => {
      if (row.broken) throw new Error('this row is broken')
      return old === undefined ? row : { ...row, n: old }
    } },
  },
})

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
/** A list without items. */
const holes = (length: number) => Object.assign([], { length })
const row = (more: object = {}) => ({ id: 'a', title: 'x', ...more })
const throwing = (name: string, object: object) => Object.defineProperty(object, name, { enumerable: true, get: () => { throw new Error('no') } })
/** Its title can be read once. */
const readOnce = () => {
  let reads = 0
  return { id: 'a', get title() {
    if (reads++) throw new Error('no')
    return undefined
  } }
}
const nested = (depth: number) => {
  let list: unknown = []
  for (let level = 0; level < depth; level++) list = [list]
  return list
}
const cyclic = () => {
  const object: Record<string, unknown> = {}
  object.self = object
  return object
}

describe.each([['memory', memoryBackend], ['sqlite', () => sqliteBackend({ path: ':memory:' })]])('edits of any form (%s)', (_, open) => {
  let sync: SyncGateway
  beforeEach(() => { sync = createSyncGateway({ schema, backend: open(), session: () => null }) as SyncGateway })
  afterEach(() => sync.close())
  const write = async (...edits: unknown[]) => await sync.write('w1', edits as never)

  it.each([
    ['a list with a hole', () => holes(1), 'must be an object'],
    ['an edit that cannot be read', () => [revoked()], 'cannot be read'],
    ['a row that cannot be read', () => [{ table: 'todos', put: revoked() }], 'cannot be read'],
    ['an expect that cannot be read', () => [{ table: 'todos', put: row(), expect: revoked() }], 'cannot be read'],
    ['a value that cannot be read', () => [{ table: 'todos', put: row({ more: revoked() }) }], 'more cannot be read'],
    ['an edit whose getter throws', () => [throwing('put', { table: 'todos' })], 'cannot be read: no'],
    ['a row whose getter throws', () => [{ table: 'todos', put: throwing('title', { id: 'a' }) }], 'title cannot be read: no'],
    ['a row whose getter throws the second time', () => [{ table: 'todos', update: readOnce() }], 'cannot be read: no'],
    ['a row that refers to itself', () => [{ table: 'todos', put: row({ more: cyclic() }) }], 'nested deeper than 64 levels'],
    ['a row of 100,000 levels', () => [{ table: 'todos', put: row({ more: nested(100_000) }) }], 'nested deeper than 64 levels'],
    ['a table of a prototype', () => [{ table: 'constructor', put: row() }], 'unknown table "constructor"'],
    ['a table that is no text', () => [{ table: Symbol('todos'), put: row() }], 'unknown table (symbol)'],
    ['an edit with a prototype of its own', () => [JSON.parse('{"table":"todos","delete":"a","__proto__":{"expect":null}}') as unknown], 'unknown key "__proto__"'],
    ['a Date in place of a row', () => [{ table: 'todos', put: new Date() }], 'must have the table\'s primary key'],
    ['a key that is no string', () => [{ table: 'todos', put: row({ [Symbol('s')]: 1 }) }], 'a key that is no string'],
    ['an expect of a clock that no record has', () => [{ table: 'todos', delete: 'a', expect: { clock: 2 ** 40, hlc: '000000000:0000:aaaaaaaa' } }], 'expect must be null or a revision'],
    ['both names of a field', () => [{ table: 'swapped', put: { id: 'a', key: 'b' } }], 'key is what the field "id" is called on the wire'],
    ['a name that stays on its device', () => [{ table: 'kv', put: { id: 'k', name: 'openrouter_api_key' } }], 'stays on its device'],
    ['a row that upgradeRow cannot take', () => [{ table: 'upgraded', put: { id: 'u', n: 1, broken: true } }], 'this row is broken'],
  ])('%s is refused as such, and nothing is stored', async (_, edits, message) => {
    const problem = await sync.write('w1', [{ table: 'todos', put: row({ id: 'before' }) }, ...edits()] as never).then(() => null, (error: unknown) => error)
    expect(problem).toBeInstanceOf(SyncError)
    expect(problem).toMatchObject({ code: 'VALIDATION_ERROR', index: 1, message: expect.stringContaining(message) as string })
    expect(await sync.list('w1', 'todos')).toEqual({ rows: [], next: null })
  })

  it('names of two million letters are refused at once, in a short message', async () => {
    const long = 'x'.repeat(2_000_000)
    const startedAt = performance.now()
    for (const edit of [{ table: long, delete: 'a' }, { table: 'todos', [long]: 1 }, { table: 'todos', delete: long }]) {
      const { code, message } = await write(edit).then(() => null, (error: unknown) => error) as SyncError
      expect([code, message.length < 300]).toEqual(['VALIDATION_ERROR', true])
    }
    expect(performance.now() - startedAt).toBeLessThan(300)
  })

  it('options that are null are refused', async () => {
    await expect(sync.write('w1', [], null as never)).rejects.toMatchObject({ code: 'VALIDATION_ERROR', message: 'write: the options must be an object, not null' })
  })

  it('values that JSON does not have, and names of prototypes, come back as they were', async () => {
    const odd = { more: [Number.NaN, -Infinity, 10n ** 400n, new Date(Number.NaN), new Uint8Array([0, 255])], toJSON: 'text', $date: 5, hasOwnProperty: 1, half: '\uD83D', ['\uD83D']: '\0' }
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"inner":{"__proto__":{"polluted":1},"constructor":2}}') as object
    const { rows: [written] } = await write({ table: 'todos', put: { ...row(odd), ...hostile } })
    expect(written).toEqual({ ...row(odd), inner: { constructor: 2 }, clock: 1, hlc: written!.hlc as string, op_id: written!.op_id as string })
    expect(await sync.get('w1', 'todos', 'a')).toEqual(written)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('fields whose names are swapped on the wire stay apart', async () => {
    await write({ table: 'swapped', put: { id: 's', a: 1, b: 2 } })
    await write({ table: 'swapped', update: { id: 's', a: undefined } })
    expect(await sync.get('w1', 'swapped', 's')).toMatchObject({ id: 's', b: 2 })
    expect(await sync.get('w1', 'swapped', 's')).not.toHaveProperty('a')
    await write({ table: 'swapped', update: { key: 's', id: undefined, a: 3 } })
    expect(await sync.get('w1', 'swapped', 's')).toMatchObject({ id: 's', a: 3, b: 2 })
  })

  it('an update keeps out what a put may not bring', async () => {
    await write({ table: 'kv', put: { id: 'k', name: 'mine' } }, { table: 'upgraded', put: { id: 'u', old: 1 } })
    await expect(write({ table: 'kv', update: { id: 'k', name: 'MODELS_CATALOG' } })).rejects.toMatchObject({ code: 'VALIDATION_ERROR', field: 'name' })
    await expect(write({ table: 'upgraded', update: { id: 'u', broken: true } })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    expect([await sync.get('w1', 'kv', 'k'), await sync.get('w1', 'upgraded', 'u')]).toMatchObject([{ name: 'mine', clock: 1 }, { n: 1, clock: 1 }])
  })

  it('a revision of another time or another record is not the expected one', async () => {
    const { rows: [first, other] } = await write({ table: 'todos', put: row() }, { table: 'todos', put: row({ id: 'b' }) })
    await write({ table: 'todos', delete: 'a' })
    for (const expected of [first, other]) {
      await expect(write({ table: 'todos', put: row({ title: 'y' }), expect: expected })).rejects.toMatchObject({ code: 'CONFLICT', pk: 'a' })
      await expect(write({ table: 'todos', delete: 'a', expect: expected })).rejects.toMatchObject({ code: 'CONFLICT' })
    }
    await expect(write({ table: 'todos', update: { id: 'a', title: 'y' }, expect: null })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const { rows: [again] } = await write({ table: 'todos', put: row({ title: 'y' }), expect: null })
    expect(again).toMatchObject({ title: 'y', clock: 3 })
  })
})
