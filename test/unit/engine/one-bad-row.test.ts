import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import type { JsonValue, SyncChange, WirePayload } from '#or3-sync/shared/sync/protocol/types'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** As many arrays, one in the other. */
function nest(levels: number, inside: JsonValue = 1): JsonValue {
  let value = inside
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

const TOO_DEEP = { errorCode: 'VALIDATION_ERROR', error: expect.stringMatching(/^payload: nested deeper than 64 levels of objects and arrays, at body(\[0\]){50}/) as string }

let count = 0
function putOp(payload: WirePayload, clock = 1) {
  const stamp = { deviceId: 'other', opId: crypto.randomUUID(), hlc: formatHlc({ ms: Date.now(), counter: count++, node: 'k3v9x0c2m1qa' }), clock }
  return { id: stamp.opId, tableName: 'notes', operation: 'put' as const, pk: payload.id as string, payload, stamp, createdAt: 0, attempts: 0, status: 'pending' as const }
}

/** Writes a row past capture, as an older version of the engine has stored it, and keeps its entry in the outbox. */
async function storeAsBefore(device: TodoEngine, row: Record<string, unknown> & { id: string, draft?: boolean }): Promise<void> {
  await device.db.notes.put({ id: row.id, draft: row.draft })
  const stamped = await device.db.notes.get(row.id)
  await device.db.transaction('rw', device.db.notes, async (tx) => {
    (tx as unknown as { idbtrans: IDBTransaction }).idbtrans.objectStore('notes').put({ ...stamped, ...row })
    await device.db.notes.count()
  })
}

const failed = async (device: TodoEngine) => (await device.queue.failed()).map(({ pk, errorCode, error }) => ({ pk, errorCode, error }))

describe('F9: one depth limit on both ends', () => {
  it.each([
    ['64 levels', nest(64), true],
    ['65 levels', nest(65), false],
    ['a date below 64 levels', nest(64, { $date: 5 }), true],
    ['a date below 65 levels', nest(65, { $date: 5 }), false],
    ['an escaped object as the 64th level', nest(63, { $escape: { $date: 5 } }), true],
    ['an escaped object as the 65th level', nest(64, { $escape: { $date: 5 } }), false],
  ])('the gateway and %s', async (_, body, isTaken) => {
    const { results: [result] } = await world.provider('bob').push({ scope: { workspaceId: 'w1' }, ops: [putOp({ id: '1', body })] })
    expect(result!.success).toBe(isTaken)
    if (!isTaken) expect(result).toMatchObject(TOO_DEEP)
  })

  it('a hundred thousand levels are refused as 65 are', async () => {
    // No stack is large enough to write this with `JSON.stringify`.
    const text = JSON.stringify({ scope: { workspaceId: 'w1' }, ops: [putOp({ id: '1', body: 'HERE' })] }).replace('"HERE"', '['.repeat(100_000) + ']'.repeat(100_000))
    const response = await world.fetchAs('bob')(`${world.origin}/api/sync/push`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-or3-sync-protocol': '1' }, body: text })
    expect(await response.json()).toMatchObject({ results: [{ success: false, ...TOO_DEEP }] })
  })

  it('what the device takes, the gateway takes: at the limit and with every kind of value below it', async () => {
    const device = world.device('ann')
    await device.start()
    const values = [1, 'x', null, new Date(5), 5n, new Uint8Array([1]), Number.NaN]
    for (const [index, value] of values.entries()) await device.db.notes.put({ id: `${index}`, body: nest(64, value as JsonValue) })
    await device.db.notes.put({ id: 'escaped', body: nest(63, { $date: 5 }) })
    await device.whenIdle()
    expect(await failed(device)).toEqual([])
    const bob = world.device('bob')
    await bob.start()
    await until(() => bob.db.notes.count(), found => found === values.length + 1)
    expect((await bob.diagnostics()).quarantined).toBe(0)
  })

  it('a row that comes in deeper is set aside, and its neighbours are applied', async () => {
    const bodies: Record<string, JsonValue> = { deep: nest(100), deepest: nest(20_000), flat: 1 }
    const changes = Object.entries(bodies).map(([id, body], index): SyncChange => {
      const { tableName, pk, payload, stamp } = putOp({ id, body })
      return { tableName, pk, op: 'put', payload, stamp, serverVersion: index + 1 }
    })
    const ann = world.device('ann', {
      provider: {
        id: 'deep', mode: 'direct',
        push: async () => { throw new Error('away') },
        pull: async ({ cursor }) => ({ changes: cursor >= 3 ? [] : changes, nextCursor: 3, hasMore: false }),
        subscribe: async () => () => {},
      },
    })
    await ann.start()
    await until(() => ann.status.get().cursor, cursor => cursor === 3)
    expect(await ann.db.notes.toCollection().primaryKeys()).toEqual(['flat'])
    const aside = await ann.db.table('sync_quarantine').toArray() as { pk: string, error: string }[]
    expect(aside.map(({ pk, error }) => [pk, error.slice(0, 60)])).toEqual([
      ['deep', 'payload: nested deeper than 64 levels of objects and arrays,'], ['deepest', 'payload: nested deeper than 64 levels of objects and arrays,'],
    ])
  })
})

describe('F9: whatever goes wrong with one edit is that edit\'s problem', () => {
  /** Its `capture` and `exclude` throw at rows that say so, once the row is stored. */
  const schema = (when: { armed: boolean }, name: 'capture' | 'exclude') => {
    const ask = (row: Record<string, unknown>) => {
      if (when.armed && row.body === 'throws') throw new Error('cannot tell')
      return name === 'capture'
    }
    const tables = todoSchema.tables
    return { ...todoSchema, tables: { ...tables, notes: { ...tables.notes, capture: undefined, exclude: undefined, [name]: ask } } } as unknown as typeof todoSchema
  }

  it('a row that is too deep goes to the dead letter with its reason and row, its neighbours are sent', async () => {
    const device = world.device('ann')
    await device.db.notes.put({ id: 'before' })
    await storeAsBefore(device, { id: 'deep', body: nest(100) })
    await device.db.notes.put({ id: 'after' })
    await device.start()
    await device.whenIdle()
    expect(await failed(device)).toMatchObject([{ pk: 'deep', errorCode: 'VALIDATION_ERROR', error: expect.stringMatching(/^notes\.body(\[0\])+ is nested deeper than 64 levels/) as string }])
    expect((await device.queue.exportFailed())[0]!.row).toEqual({ id: 'deep', body: nest(100) })
    expect(await device.queue.pending()).toEqual([])
    const { changes } = await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 })
    expect(changes.map(({ pk }) => pk)).toEqual(['before', 'after'])
  })

  it('an update that makes the row storable sends it; one that does not is refused', async () => {
    const device = world.device('ann')
    await storeAsBefore(device, { id: 'deep', body: nest(100) })
    await device.start()
    await device.whenIdle()
    await expect(device.db.notes.update('deep', { draft: false })).rejects.toThrow(/notes\.body(\[0\])+ is nested deeper/)
    await device.db.notes.update('deep', { body: 'flat' })
    await device.whenIdle()
    expect([await failed(device), await device.queue.pending()]).toEqual([[], []])
    const { changes } = await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 })
    expect(changes.map(({ payload }) => payload)).toEqual([{ id: 'deep', body: 'flat' }])
  })

  it('a row that is too deep does not stop what comes in for it', async () => {
    const device = world.device('ann')
    // Held: it is unsent when the other one comes.
    await storeAsBefore(device, { id: 'deep', draft: true, body: nest(100) })
    await world.provider('bob').push({ scope: { workspaceId: 'w1' }, ops: [putOp({ id: 'deep', body: 'bob' }, 7), putOp({ id: 'other' })] })
    await device.start()
    await until(() => device.db.notes.get('other'), row => row !== undefined)
    expect(await device.db.notes.get('deep')).toMatchObject({ body: 'bob' })
    expect(await device.db.table('sync_conflicts').toArray()).toMatchObject([{ pk: 'deep', winner: 'remote', local: { row: { body: nest(100) } } }])
  })

  it.each(['capture', 'exclude'] as const)('%s that throws when it is asked again: its reason stands in the dead letter, the neighbours are sent', async (name) => {
    const when = { armed: false }
    const device = world.device('ann', { schema: schema(when, name) })
    for (const [id, body] of [['before', ''], ['odd', 'throws'], ['after', '']]) await device.db.notes.put({ id: id!, body })
    when.armed = true
    await device.start()
    await device.whenIdle()
    expect(await failed(device)).toEqual([{ pk: 'odd', errorCode: 'VALIDATION_ERROR', error: `${name} of table "notes" threw: cannot tell` }])
    const { changes } = await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 })
    expect(changes.map(({ pk }) => pk)).toEqual(['before', 'after'])
  })

  it('exclude that throws at a row which is here does not stop what comes in for it, nor a rescan', async () => {
    const when = { armed: false }
    const device = world.device('ann', { schema: schema(when, 'exclude') })
    await device.db.notes.put({ id: 'odd', body: 'throws' })
    await device.start()
    await device.whenIdle()
    when.armed = true
    await device.rescan()
    await world.provider('bob').push({ scope: { workspaceId: 'w1' }, ops: [putOp({ id: 'odd', body: 'bob' }, 7), putOp({ id: 'other' })] })
    await until(() => device.db.notes.get('other'), row => row !== undefined)
    expect(await device.db.notes.get('odd')).toMatchObject({ body: 'bob' })
  })

  it.each(['capture', 'exclude'] as const)('%s that returns a promise rejects the write: any promise would count as true', async (name) => {
    const tables = { ...todoSchema.tables, notes: { ...todoSchema.tables.notes, [name]: () => Promise.resolve(false) } }
    const device = world.device('ann', { schema: { ...todoSchema, tables } as unknown as typeof todoSchema })
    await expect(device.db.notes.put({ id: '1' })).rejects.toThrow(`${name} of table "notes" threw: it returned a promise instead of a boolean`)
  })

  it.each(['capture', 'exclude'] as const)('%s that throws at a write rejects that write, naming the table', async (name) => {
    const device = world.device('ann', { schema: schema({ armed: true }, name) })
    await expect(device.db.notes.bulkPut([{ id: 'good' }, { id: 'odd', body: 'throws' }])).rejects.toMatchObject({ code: 'VALIDATION_ERROR', message: `${name} of table "notes" threw: cannot tell` })
    expect([await device.db.notes.count(), await device.queue.pending()]).toEqual([0, []])
  })
})
