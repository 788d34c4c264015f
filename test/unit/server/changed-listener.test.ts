import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { ChangedInfo } from '#or3-sync/shared/sync/rows/row-change'
import type { BackendPush, SyncBackend } from '../../../server/lib/backends/backend'
import type { GatewayOptions } from '../../../server/lib/context/gateway-options'
import { memoryBackend } from '../../../server/lib/backends/memory'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import { wireOp } from './support/make-op'
import { startTestGateway } from './support/test-gateway'
import type { TestGateway } from './support/test-gateway'

/** Declared and wire names differ, and old rows lack a field. */
const schema = defineSyncSchema({
  version: 1,
  tables: {
    tasks: {
      schema: z.object({ id: z.string(), dueAt: z.date().optional(), state: z.string() }),
      primaryKey: 'id',
      wireName: 'todos',
      fields: { dueAt: 'due_at' },
      upgradeRow: row => ({ state: 'new', ...row }),
    },
  },
}) as unknown as SyncSchema

let server: TestGateway
let told: ChangedInfo[]
let release = () => {}
beforeEach(() => { told = [] })
afterEach(async () => {
  release()
  await server.stop()
})

async function start(backend: SyncBackend, options: Partial<GatewayOptions> = {}) {
  server = await startTestGateway({ backend, schema, onChanged: (info) => { told.push(info) }, ...options })
}

/** Listeners are called in a later turn of the event loop, after the answer. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
}

const task = (pk: string, clock: number, fields: Record<string, string | { $date: number }> = {}) => wireOp({ pk, clock, payload: { id: pk, state: 'open', ...fields } })
const revisionOf = ({ stamp: { clock, hlc } }: ReturnType<typeof wireOp>) => ({ clock, hlc })

describe.each([['memory', memoryBackend], ['sqlite', () => sqliteBackend({ path: ':memory:' })]] as const)('or3-sync:changed, store %s', (_, open) => {
  it('tells new rows as devices have them, with declared names', async () => {
    await start(open())
    const op = task('a', 1, { due_at: { $date: 5 } })
    await server.push([op])
    await settled()
    const { clock, hlc, opId } = op.stamp
    expect(told).toEqual([{
      workspaceId: 'w1', userId: 'ada',
      changes: [{
        table: 'tasks', pk: 'a', operation: 'put', serverVersion: 1, previous: null, revision: { clock, hlc },
        row: { id: 'a', dueAt: new Date(5), state: 'open', clock, hlc, op_id: opId },
      }],
    }])
  })

  it('brings rows of an old shape into today\'s', async () => {
    await start(open())
    await server.push([wireOp({ payload: { id: 'a' } })])
    await settled()
    expect(told[0]!.changes).toMatchObject([{ row: { id: 'a', state: 'new' } }])
  })

  it('tells which revision was replaced or deleted, and null for a row that comes back after a delete', async () => {
    await start(open())
    const [created, updated, deleted, back] = [task('a', 1), task('a', 2), wireOp({ op: 'delete', clock: 3 }), task('a', 4)]
    for (const op of [created, updated, deleted, back]) await server.push([op])
    await settled()
    expect(told.flatMap(({ changes }) => changes)).toMatchObject([
      { operation: 'put', previous: null, revision: revisionOf(created) },
      { operation: 'put', previous: revisionOf(created), revision: revisionOf(updated) },
      { operation: 'delete', row: null, previous: revisionOf(updated), revision: revisionOf(deleted) },
      { operation: 'put', previous: null, revision: revisionOf(back) },
    ])
  })

  it('tells each record of a batch once, in the order of versions: its last op, and what stood there before the batch', async () => {
    await start(open())
    const before = task('a', 1)
    await server.push([before])
    await server.push([task('a', 2), task('b', 1), task('a', 3, { state: 'last' })])
    await settled()
    expect(told).toHaveLength(2)
    expect(told[1]!.changes).toMatchObject([
      { pk: 'b', serverVersion: 3, previous: null },
      { pk: 'a', serverVersion: 4, previous: revisionOf(before), row: { state: 'last' } },
    ])
  })

  it('tells nothing of repeats, of ops that lose or are refused, and of a push that applied nothing', async () => {
    await start(open())
    const first = task('a', 5)
    await server.push([first])
    await server.push([first])
    await server.push([first, task('a', 1), wireOp({ pk: 'c', payload: { id: 'other' } })])
    await server.push([first, task('b', 1)])
    await settled()
    expect(told.map(({ changes }) => changes.map(({ pk }) => pk))).toEqual([['a'], ['b']])
  })

  it('tells the next commit when the listener of the last has ended, and other workspaces meanwhile', async () => {
    const log: string[] = []
    await start(open(), {
      onChanged: async ({ workspaceId, changes }) => {
        log.push(`begin ${workspaceId}/${changes[0]!.pk}`)
        if (changes[0]!.pk === 'a') await new Promise<void>((resolve) => { release = resolve })
        log.push(`end ${workspaceId}/${changes[0]!.pk}`)
      },
    })
    await server.push([task('a', 1)])
    await server.push([task('b', 1)])
    await server.push([task('x', 1)], 'eve', 'w2')
    await settled()
    expect(log).toEqual(['begin w1/a', 'begin w2/x', 'end w2/x'])
    release()
    await settled()
    expect(log.slice(3)).toEqual(['end w1/a', 'begin w1/b', 'end w1/b'])
  })

  it('keeps no answer for a listener that does not end', async () => {
    await start(open(), { bodyTimeoutMs: 20, onChanged: () => new Promise<void>(() => {}) })
    expect((await server.push([task('a', 1)])).results).toMatchObject([{ applied: true }])
    expect((await server.push([task('b', 1)])).results).toMatchObject([{ applied: true }])
  })

  it.each([
    ['throws', () => { throw new Error('broken listener') }],
    ['rejects', () => Promise.reject(new Error('broken listener'))],
  ])('logs the error of a listener that %s, and goes on', async (_, fail) => {
    await start(open(), {
      onChanged: (info) => {
        told.push(info)
        if (told.length === 1) return fail()
      },
    })
    await server.push([task('a', 1)])
    await server.push([task('b', 1)])
    await settled()
    expect(told.map(({ changes }) => changes[0]!.pk)).toEqual(['a', 'b'])
    expect(server.log).toEqual(['[or3-sync] a listener of or3-sync:changed failed Error: broken listener'])
  })
})

it('tells commits in the order of versions if the answers of the store come back in another', async () => {
  const backend = memoryBackend()
  const push = backend.push.bind(backend)
  await start(Object.assign(backend, {
    push: async (request: BackendPush) => {
      const outcome = await push(request)
      if (outcome.status === 'pushed' && outcome.serverVersion === 1) await new Promise<void>((resolve) => { release = resolve })
      return outcome
    },
  }))
  const first = server.push([task('a', 1)])
  while (await backend.latestVersion('w1') === 0) await settled()
  await server.push([task('b', 1)])
  await settled()
  expect(told).toEqual([])
  release()
  await first
  await settled()
  expect(told.map(({ changes }) => changes[0]!.pk)).toEqual(['a', 'b'])
})

describe('a server that stops', () => {
  it('waits until the listeners have been told of every commit, before it closes the store', async () => {
    const order: string[] = []
    await start(Object.assign(memoryBackend(), { close: async () => { order.push('store closed') } }), {
      onChanged: async ({ changes }) => {
        if (order.length === 0) await new Promise<void>((resolve) => { release = resolve })
        order.push(changes[0]!.pk)
      },
    })
    await server.push([task('a', 1)])
    await server.push([task('b', 1)])
    const closed = server.gateway.close()
    await settled()
    expect(order).toEqual([])
    release()
    await closed
    expect(order).toEqual(['a', 'b', 'store closed'])
  })

  it('does not wait longer than for a request, and says what it left out', async () => {
    let calls = 0
    await start(memoryBackend(), {
      bodyTimeoutMs: 20,
      onChanged: () => {
        calls++
        return new Promise<void>((resolve) => { release = resolve })
      },
    })
    await server.push([task('a', 1)])
    await server.push([task('b', 1)])
    await server.gateway.close()
    release()
    await settled()
    expect(calls, 'the store is closed').toBe(1)
    expect(server.log).toContain('[or3-sync] the server stops before the listeners of or3-sync:changed were told of all commits')
  })
})

it('a host that stops after the answer is asked to wait for the listeners', async () => {
  const waited: Promise<unknown>[] = []
  const order: string[] = []
  await start(memoryBackend(), {
    session: (event) => {
      Object.assign(event, { waitUntil: (work: Promise<unknown>) => waited.push(work) })
      return { userId: 'ada', workspaces: [{ id: 'w1', role: 'owner' }] }
    },
    onChanged: async () => {
      await new Promise<void>((resolve) => { release = resolve })
      order.push('listener')
    },
  })
  await server.push([task('a', 1)])
  await settled()
  expect(waited).toHaveLength(1)
  const over = waited[0]!.then(() => order.push('host'))
  release()
  await over
  expect(order).toEqual(['listener', 'host'])
})

it('without a listener nothing is kept, decoded or told', async () => {
  let isHeard = false
  await start(memoryBackend(), { hasChangedListeners: () => isHeard })
  await server.push([task('a', 1)])
  await settled()
  isHeard = true
  await server.push([task('b', 1)])
  await settled()
  expect(told.map(({ changes }) => changes[0]!.pk)).toEqual(['b'])
})
