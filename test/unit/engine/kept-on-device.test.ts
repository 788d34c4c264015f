import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSyncSchema, or3, type SyncSchema } from 'or3-sync/schema'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { KV_BLOCKLIST } from '#or3-sync/shared/sync/schema/kv-blocklist'
import type { WireErrorCode, WirePayload } from '#or3-sync/shared/sync/protocol/types'
import { readWireOp } from '../../../src/convex/functions/read-wire-op'
import { EngineHarness, until } from '../../support/engine-harness'
import type { todoSchema } from '../../support/todo-schema'

/** What a member of another version of the app sends, who knows nothing of what is kept here. */
const open = z.looseObject({ id: z.string(), name: z.string().optional(), secret: z.boolean().optional() })
const tables = (exclude?: (row: { secret?: boolean }) => boolean) => ({ notes: { schema: open, primaryKey: 'id' as const, ...exclude && { exclude } }, kv: or3.tables.kv })
const serverSchema = defineSyncSchema({ version: 1, tables: tables() } as never)
const schemaWith = (exclude: (row: { secret?: boolean }) => boolean) => defineSyncSchema({ version: 1, tables: tables(exclude) } as never) as unknown as typeof todoSchema
const secretsStayHere = schemaWith(row => row.secret === true)

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open({ schema: serverSchema as unknown as SyncSchema }) })
afterEach(() => world.close())

let count = 0
async function push(tableName: string, payload: WirePayload, clock = 1) {
  const stamp = { deviceId: 'other', opId: crypto.randomUUID(), hlc: formatHlc({ ms: Date.now(), counter: count++, node: 'k3v9x0c2m1qa' }), clock }
  const { results } = await world.provider('bob').push({
    scope: { workspaceId: 'w1' },
    ops: [{ id: stamp.opId, tableName, operation: 'put', pk: payload.id as string, payload, stamp, createdAt: 0, attempts: 0, status: 'pending' }],
  })
  return results[0]!
}

async function online(schema = secretsStayHere) {
  const device = world.device('ann', { schema })
  await device.start()
  await device.whenIdle()
  return device
}
type Device = Awaited<ReturnType<typeof online>>
const setAside = async (device: Device) => (await device.db.table('sync_quarantine').toArray() as { pk: string, reason: string }[]).map(({ pk, reason }) => `${pk}: ${reason}`).sort()

describe('F14: what stays on its device is set aside where it comes in', () => {
  it.each(['live', 'bootstrap', 'rescan'] as const)('%s: rows that exclude names are never stored, and the cursor goes on', async (how) => {
    const early = how === 'live' ? await online() : undefined
    await push('notes', { id: 'a' })
    await push('notes', { id: 'b', secret: true })
    await push('notes', { id: 'c' })
    const device = early ?? await online()
    if (how === 'rescan') await device.rescan()
    await until(() => device.status.get().cursor, cursor => cursor === 3)
    await device.whenIdle()
    expect(await device.db.notes.toCollection().primaryKeys()).toEqual(['a', 'c'])
    expect(await setAside(device)).toEqual(['b: excluded'])
  })

  it('is nobody\'s mistake: no error is told, and the row comes once it is shared', async () => {
    const device = await online()
    const errors: unknown[] = []
    device.hooks.addAction('sync.error:action', ({ error }) => { errors.push(error) })
    await push('notes', { id: 'b', secret: true })
    await until(() => setAside(device), ({ length }) => length === 1)
    await push('notes', { id: 'b', name: 'for everybody' }, 2)
    await until(() => device.db.notes.get('b'), row => row !== undefined)
    expect([errors, await setAside(device)]).toEqual([[], []])
  })

  it('kv rows on the blocklist, built in or added by a plugin', async () => {
    const device = await online()
    device.hooks.addFilter('sync.kv:blocklist', names => [...names, 'mine'])
    await push('kv', { id: '1', name: 'theme' })
    await push('kv', { id: '2', name: 'mine' })
    await until(() => device.status.get().cursor, cursor => cursor === 2)
    expect(await device.db.table('kv').toCollection().primaryKeys()).toEqual(['1'])
    expect(await setAside(device)).toEqual(['2: excluded'])
  })

  it('a row whose exclude throws is set aside with its reason, and its neighbours are applied', async () => {
    const device = await online(schemaWith((row) => {
      if (row.secret) throw new Error('cannot tell')
      return false
    }))
    await push('notes', { id: 'a', secret: true })
    await push('notes', { id: 'b' })
    await until(() => device.db.notes.get('b'), row => row !== undefined)
    expect(await device.db.table('sync_quarantine').toArray()).toMatchObject([{ pk: 'a', reason: 'schema', error: 'exclude of table "notes" threw: cannot tell' }])
  })
})

describe('F14: a store takes no kv row of the built-in blocklist', () => {
  it.each(KV_BLOCKLIST)('%s', async (name) => {
    const refused = await push('kv', { id: '1', name, value: 'secret' })
    expect(refused).toMatchObject({ success: false, errorCode: 'VALIDATION_ERROR' satisfies WireErrorCode })
    expect(refused.error).toContain(`payload.name: "${name}"`)
    expect(await push('notes', { id: '1', name })).toMatchObject({ success: true })
    const { changes } = await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 })
    expect(changes.map(({ tableName }) => tableName)).toEqual(['notes'])
  })

  it.each(KV_BLOCKLIST)('%s, nor does a Convex deployment', (name) => {
    const stamp = { deviceId: 'other', opId: crypto.randomUUID(), hlc: formatHlc({ ms: Date.now(), counter: 0, node: 'k3v9x0c2m1qa' }), clock: 1 }
    const read = (payload: WirePayload) => readWireOp({ tableName: 'kv', operation: 'put', pk: '1', payload: JSON.stringify(payload), stamp }, or3 as unknown as SyncSchema)
    expect(read({ id: '1', name })).toMatchObject({ kind: 'rejected', errorCode: 'VALIDATION_ERROR', error: expect.stringContaining(`payload.name: "${name}"`) as string })
    expect(read({ id: '1', name: 'theme' })).toMatchObject({ kind: 'op' })
  })

  it('a delete of one that came before is taken: it is how it goes', async () => {
    const provider = world.provider('bob')
    const stamp = { deviceId: 'other', opId: crypto.randomUUID(), hlc: formatHlc({ ms: Date.now(), counter: 0, node: 'k3v9x0c2m1qa' }), clock: 9 }
    const { results } = await provider.push({ scope: { workspaceId: 'w1' }, ops: [{ id: stamp.opId, tableName: 'kv', operation: 'delete', pk: '1', stamp, createdAt: 0, attempts: 0, status: 'pending' }] })
    expect(results[0]).toMatchObject({ success: true, applied: true })
  })
})

describe('F61: plugins may add to the blocklist, never remove', () => {
  it.each<[string, (names: string[]) => unknown]>([
    ['returns a list of its own', () => ['theirs']],
    ['returns an empty list', () => []],
    ['empties the list it was handed', (names) => { names.length = 0 }],
    ['returns no list', () => 'all of them'],
  ])('a later filter that %s', async (_, filter) => {
    const { hooks, close } = world.device('ann', { schema: secretsStayHere })
    hooks.addFilter('sync.kv:blocklist', names => [...names, 'mine'])
    hooks.addFilter('sync.kv:blocklist', filter as (names: string[]) => string[])
    expect(hooks.applyFilters('sync.kv:blocklist', ['ours'])).toEqual(expect.arrayContaining(['ours', 'mine']))
    await close()
  })
})

describe('A8: a filter of the blocklist that fails lets nothing out', () => {
  const kv = (device: Device) => device.db.table<{ id: string, name: string, value: string }, string>('kv')
  const withFilter = async (filter: (names: string[]) => unknown) => {
    const device = world.device('ann', { schema: secretsStayHere })
    const remove = device.hooks.addFilter('sync.kv:blocklist', filter as (names: string[]) => string[])
    await device.start()
    await device.whenIdle()
    return { device, remove }
  }
  const stored = async () => (await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 })).changes.map(({ pk }) => pk).sort()

  it.each<[string, (names: string[]) => unknown, string]>([
    ['throws', () => { throw new Error('no list yet') }, 'no list yet'],
    ['is asynchronous', async () => ['secret'], 'a promise instead of a list of names'],
    ['returns what is no list', () => ({ names: ['secret'] }), 'something else instead of a list of names'],
  ])('one that %s: the write is refused, and says why', async (_, filter, reason) => {
    const { device, remove } = await withFilter(filter)
    await expect(kv(device).put({ id: '1', name: 'secret', value: 'x' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR', message: expect.stringContaining(reason) as string })
    await device.db.notes.put({ id: 'n' })
    await push('kv', { id: '2', name: 'theirs' })
    await until(() => setAside(device), ({ length }) => length === 1)
    await device.whenIdle()
    expect([await kv(device).count(), await stored(), await setAside(device)]).toEqual([0, ['2', 'n'], ['2: schema']])
    remove()
    await kv(device).put({ id: '1', name: 'theme', value: 'x' })
    await device.whenIdle()
    expect(await stored()).toEqual(['1', '2', 'n'])
  })

  it.each<[string, (names: string[]) => unknown]>([
    ['returns a set', () => new Set(['secret'])],
    ['returns a name', () => 'secret'],
    ['adds to what it was handed', (names) => { names.push('secret') }],
  ])('one that %s has named it: the row stays here', async (_, filter) => {
    const { device } = await withFilter(filter)
    await kv(device).put({ id: '1', name: 'secret', value: 'x' })
    await device.whenIdle()
    expect([await kv(device).count(), await stored()]).toEqual([1, []])
  })
})
