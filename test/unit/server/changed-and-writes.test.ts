import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncSchema } from 'or3-sync/schema'
import { createSyncGateway, memoryBackend, sqliteBackend } from 'or3-sync/server'
import type { ChangedInfo, SyncBackend, SyncGateway } from 'or3-sync/server'
import { todoSchema } from '../../support/todo-schema'

let sync: SyncGateway
let told: string[]
let log: string[]
let listener: (info: ChangedInfo) => unknown
beforeEach(() => {
  told = []
  log = []
})
afterEach(() => sync.close())

const put = (id: string, title: string) => ({ table: 'todos', put: { id, title } })
const write = (...edits: object[]) => sync.write('w1', edits as never)
const titleOf = (info: ChangedInfo) => String((info.changes[0]!.row as { title?: unknown } | null)?.title)

function open(backend: SyncBackend): SyncGateway {
  return createSyncGateway({
    schema: todoSchema as unknown as SyncSchema, backend, session: () => null, bodyTimeoutMs: 1_000,
    onChanged: async (info) => {
      told.push(`${info.changes.map(({ pk, serverVersion }) => `${pk}@${serverVersion}`).join(' ')}: ${titleOf(info)}`)
      await listener(info)
    },
    logger: { warn: message => log.push(message), error: message => log.push(message) },
  }) as SyncGateway
}

describe.each([['memory', memoryBackend], ['sqlite', () => sqliteBackend({ path: ':memory:' })]])('a listener that writes (%s)', (_, backend) => {
  beforeEach(() => { sync = open(backend()) })

  it('to the same workspace and waits for it is told of its own writes in their turn', async () => {
    listener = async (info) => {
      const count = Number(titleOf(info))
      if (count < 50) await write(put('counter', String(count + 1)))
    }
    await write(put('counter', '0'))
    await sync.drain()
    expect(told).toEqual(Array.from({ length: 51 }, (_, count) => `counter@${count + 1}: ${count}`))
  })

  it('while others write is told of every commit in the order of versions, each once', async () => {
    listener = async ({ changes: [change] }) => {
      if (change!.pk.startsWith('question')) await write(put(change!.pk.replace('question', 'answer'), 'yes'), put(`log-${change!.pk}`, 'seen'))
    }
    await Promise.all(Array.from({ length: 40 }, (_, index) => write(put(`question-${index}`, '?'))))
    await sync.drain()
    const versions = told.flatMap(line => [...line.matchAll(/@(\d+)/g)].map(([, version]) => Number(version)))
    expect(versions).toEqual(Array.from({ length: 120 }, (_, index) => index + 1))
  })

  it('may erase the workspace, or ask for a new epoch, and writes go on', async () => {
    listener = async (info) => {
      if (titleOf(info) !== 'erase') return
      await sync.eraseWorkspace('w1')
      await sync.newEpoch()
      await write(put('after', 'again'))
    }
    await write(put('a', 'first'))
    await write(put('b', 'erase'))
    await sync.drain()
    expect(told).toEqual(['a@1: first', 'b@2: erase', 'after@4: again'])
    expect((await sync.list('w1', 'todos')).rows).toMatchObject([{ id: 'after' }])
  })

  it('what it rejects is logged, and the next commit is told', async () => {
    listener = async (info) => {
      if (titleOf(info) === 'bad') await write({ table: 'todos', update: { id: 'nobody', title: 'x' } })
      if (titleOf(info) === 'worse') throw undefined
    }
    for (const title of ['bad', 'worse', 'good']) await write(put('a', title))
    await sync.drain()
    expect(told).toEqual(['a@1: bad', 'a@2: worse', 'a@3: good'])
    expect(log).toEqual(Array(2).fill('[or3-sync] a listener of or3-sync:changed failed'))
  })

  it('that never ends holds up no write, no read and no stop', async () => {
    listener = () => new Promise(() => {})
    const startedAt = performance.now()
    for (let index = 0; index < 20; index++) await write(put(`row-${index}`, 'x'))
    expect((await sync.list('w1', 'todos')).rows).toHaveLength(20)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    await sync.drain()
    expect(performance.now() - startedAt, 'it is waited for as long as for requests').toBeLessThan(5_000)
    expect(told).toEqual(['row-0@1: x'])
  })

  it('that stops the server from within does not wait for itself for ever', async () => {
    const stopped = new Promise<void>((resolve) => {
      listener = async () => {
        await sync.drain()
        resolve()
      }
    })
    await write(put('a', 'x'))
    await stopped
    expect((await sync.get('w1', 'todos', 'a'))?.title).toBe('x')
  })
})
