import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

const roles: Record<string, 'editor' | 'viewer'> = {}
let world: EngineHarness
beforeEach(async () => {
  roles.ann = 'editor'
  world = await EngineHarness.open({ roles })
})
afterEach(() => world.close())

async function online(device = world.device('ann')): Promise<TodoEngine> {
  await device.start()
  await device.whenIdle()
  return device
}

async function discardRefused(device: TodoEngine): Promise<void> {
  const [refused] = await until(() => device.queue.failed(), failed => failed.length === 1)
  await device.queue.discard(refused!.id)
}

describe('a discarded edit that was refused to a viewer', () => {
  it.each(['put', 'delete'] as const)('gives the record back as the store has it: a %s', async (kind) => {
    const device = await online()
    await device.db.todos.put({ id: 'x', title: 'kept' })
    await device.whenIdle()
    roles.ann = 'viewer'
    if (kind === 'delete') await device.db.todos.delete('x')
    else await device.db.todos.put({ id: 'x', title: 'refused' })
    await discardRefused(device)
    expect(await until(() => device.db.todos.get('x'))).toMatchObject({ title: 'kept', clock: 1 })
  })

  it('gives it back although the first sync is still under way, and was answered before the record was there', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => { release = resolve })
    world.intercept = async (path, _, send) => {
      const answer = await send()
      if (path === '/pull') await held
      return answer
    }
    const device = world.device('ann')
    await device.start()
    await until(() => world.requests.includes('/pull'))
    await device.db.todos.put({ id: 'x', title: 'kept' })
    await until(() => device.queue.pending(), pending => !pending.length)
    roles.ann = 'viewer'
    await device.db.todos.delete('x')
    await discardRefused(device)
    expect(await device.db.todos.get('x')).toBeUndefined()
    release()
    expect(await until(() => device.db.todos.get('x'))).toMatchObject({ title: 'kept', clock: 1 })
  })

  it('shows it when it arrives after all, by a request that was on its way all the time', async () => {
    let arrive: (() => Promise<Response>) | undefined
    world.intercept = async (path, _, send) => {
      if (path !== '/push' || arrive) return await send()
      arrive = send
      throw new TypeError('fetch failed')
    }
    const device = await online()
    await device.db.todos.put({ id: 'x', title: 'late' })
    await until(() => arrive)
    roles.ann = 'viewer'
    await device.flush()
    await discardRefused(device)
    roles.ann = 'editor'
    await device.flush()
    await device.whenIdle()
    expect(await device.db.todos.get('x')).toBeUndefined()
    await arrive!()
    expect(await until(() => device.db.todos.get('x'))).toMatchObject({ title: 'late', clock: 1 })
  })
  it('shows it when it is acknowledged after all to another tab, which had it on its way', async () => {
    let letGo: (() => void) | undefined
    world.intercept = async (path, _, send) => {
      if (path === '/push' && !letGo) await new Promise<void>((resolve) => { letGo = resolve })
      return await send()
    }
    const first = await online(world.device('ann', { environment: { locks: null } }))
    await first.db.todos.put({ id: 'x', title: 'late' })
    await until(() => letGo)
    roles.ann = 'viewer'
    const second = await online(world.device('ann', { environment: { locks: null }, indexedDB: first.indexedDB }))
    await discardRefused(second)
    await second.whenIdle()
    await second.close()
    roles.ann = 'editor'
    letGo!()
    expect(await until(() => first.db.todos.get('x'))).toMatchObject({ title: 'late', clock: 1 })
  })
})

it('a discarded create that was tried again above another device\'s row, and refused once more, gives that row back', async () => {
  const [device, other] = [await online(), await online(world.device('bob'))]
  await device.db.todos.put({ id: 'x', title: 5 as never })
  await until(() => device.queue.failed(), failed => failed.length === 1)
  await other.db.todos.put({ id: 'x', title: 'theirs' })
  await other.whenIdle()
  await until(() => device.db.table('pending_ops').toArray(), ([record]) => (record as { failure?: { remote?: object } }).failure?.remote !== undefined)
  await device.queue.retry()
  await until(() => device.db.table('pending_ops').toArray(), ([record]) => (record as { status: string, ops: { clock: number }[] }).status === 'failed' && (record as { ops: { clock: number }[] }).ops[0]!.clock === 2)
  await discardRefused(device)
  expect(await until(() => device.db.todos.get('x'))).toMatchObject({ title: 'theirs', clock: 1 })
})
