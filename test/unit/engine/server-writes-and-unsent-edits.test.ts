import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncSchema } from 'or3-sync/schema'
import { memoryBackend, sqliteBackend } from 'or3-sync/server'
import type { SyncGateway } from 'or3-sync/server'
import { EngineHarness, until } from '../../support/engine-harness'
import type { TodoEngine } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

/** What the device does with the row, and what the server does. Each text names its writer. */
const ofDevice = {
  update: (device: TodoEngine) => device.db.todos.update('1', { title: 'of the device' }),
  put: (device: TodoEngine) => device.db.todos.put({ id: '1', title: 'of the device' }),
  delete: (device: TodoEngine) => device.db.todos.delete('1'),
}
const ofServer = {
  update: { table: 'todos', update: { id: '1', title: 'of the server' } },
  put: { table: 'todos', put: { id: '1', title: 'of the server' } },
  delete: { table: 'todos', delete: '1' },
}
type DeviceEdit = keyof typeof ofDevice
type ServerEdit = keyof typeof ofServer

const EDITS = (Object.keys(ofDevice) as DeviceEdit[]).flatMap(device => (Object.keys(ofServer) as ServerEdit[]).flatMap(server =>
  (['the device', 'the server'] as const).flatMap(first => (['arrives', 'is lost'] as const).map(answer => ({ device, server, first, answer })))))

describe.each([['memory', memoryBackend], ['sqlite', () => sqliteBackend({ path: ':memory:' })]])('an unsent edit that meets a write of the server (%s)', (_, open) => {
  let world: EngineHarness
  let sync: SyncGateway
  let device: TodoEngine
  beforeEach(async () => {
    world = await EngineHarness.open({ backend: open(), schema: todoSchema as unknown as SyncSchema })
    sync = world.gateway
    device = world.device()
    await device.start()
  })
  afterEach(() => world.close())

  const later = () => new Promise(resolve => setTimeout(resolve, 5))
  const titleOnServer = async () => (await sync.get('w1', 'todos', '1'))?.title as string | undefined
  const titleOnDevice = async () => (await device.db.todos.get('1'))?.title
  /** Open streams end as well: nothing reaches the device until it meets the server. */
  const goOffline = async () => {
    world.offline = true
    await sync.endStreams()
    await later()
  }
  /** The answer to the next push never arrives, although the store has it. */
  const loseNextAnswer = () => {
    world.intercept = async (path, init, send) => {
      const answer = await send()
      if (path !== '/push' || init?.body === undefined) return answer
      world.intercept = null
      throw new TypeError('fetch failed')
    }
  }
  const meet = async () => {
    world.offline = false
    await device.flush()
    await until(() => device.status.get().pendingCount, count => count === 0)
    await device.whenIdle()
    await device.whenCaughtUp()
  }

  it.each(EDITS)('$device on the device, $server on the server, $first first, the answer $answer', async ({ device: own, server, first, answer }) => {
    await device.db.todos.put({ id: '1', title: 'base' })
    await until(titleOnServer)
    await device.whenIdle()
    await goOffline()
    const steps = [() => ofDevice[own](device), () => sync.write('w1', [ofServer[server]] as never)]
    if (first === 'the server') steps.reverse()
    for (const step of steps) {
      await step()
      await later()
    }
    if (answer === 'is lost') loseNextAnswer()
    await meet()

    const title = await titleOnServer()
    expect(await titleOnDevice(), 'both sides have the same').toBe(title)
    const texts = { device: own === 'delete' ? undefined : 'of the device', server: server === 'delete' ? undefined : 'of the server' }
    expect(title, 'the later edit has won').toBe(texts[first === 'the device' ? 'server' : 'device'])
    const loser = texts[first === 'the device' ? 'device' : 'server']
    const conflicts = await device.conflicts.list()
    if (own === 'delete' && server === 'delete') return
    expect(conflicts, 'it is a conflict, once').toHaveLength(1)
    await device.conflicts.restore(conflicts[0]!.id)
    await until(titleOnServer, now => now === loser)
    expect(await titleOnDevice()).toBe(loser)
  })

  it('keeps a row that both have created offline, whoever wins, also when the server deletes it again', async () => {
    for (const [index, end] of (['stays', 'is deleted'] as const).entries()) {
      const id = `new-${index}`
      await goOffline()
      await sync.write('w1', [{ table: 'todos', put: { id, title: 'of the server' } }])
      if (end === 'is deleted') await sync.write('w1', [{ table: 'todos', delete: id }])
      await later()
      await device.db.todos.put({ id, title: 'of the device' })
      await meet()
      const rows = [await sync.get('w1', 'todos', id), await device.db.todos.get(id)]
      expect(rows.map(row => row?.title), end).toEqual(Array(2).fill(rows[0]?.title))
      const kept = JSON.stringify([rows, (await device.conflicts.list()).filter(({ pk }) => pk === id)])
      expect(kept, end).toContain('of the device')
      if (end === 'stays') expect(kept).toContain('of the server')
      else expect(rows[0]?.title, 'a create that could not know of the delete comes back').toBe('of the device')
    }
  })

  it('loses to many writes only once, and its text is kept', async () => {
    await device.db.todos.put({ id: '1', title: 'base' })
    await until(titleOnServer)
    await device.whenIdle()
    await goOffline()
    await device.db.todos.update('1', { title: 'of the device' })
    for (let write = 0; write < 30; write++) await sync.write('w1', [{ table: 'todos', update: { id: '1', title: `write ${write}` } }])
    await meet()
    expect([await titleOnServer(), await titleOnDevice()]).toEqual(['write 29', 'write 29'])
    const conflicts = await device.conflicts.list()
    expect(conflicts).toMatchObject([{ winner: 'remote', local: { row: { title: 'of the device' } } }])
  })

  it('is not lost while the server writes the same row all the time', async () => {
    await device.db.todos.put({ id: '1', title: 'base' })
    await until(titleOnServer)
    let isWriting = true
    const writing = (async () => {
      for (let write = 0; isWriting; write++) {
        await sync.write('w1', [{ table: 'todos', update: { id: '1', list_id: `write ${write}` } }])
        await later()
      }
    })()
    for (let edit = 0; edit < 15; edit++) {
      await device.db.todos.update('1', { title: `edit ${edit}` })
      await later()
    }
    await until(() => device.status.get().pendingCount, count => count === 0)
    isWriting = false
    await writing
    await meet()
    expect(await device.db.todos.get('1')).toEqual(await sync.get('w1', 'todos', '1'))
    const kept = JSON.stringify([await device.db.todos.get('1'), await device.conflicts.list()])
    expect(kept, 'the last edit is the row or a kept loser').toContain('edit 14')
    expect(await device.queue.failed()).toEqual([])
  })
})
