import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSyncEngine, type SyncEnvironment } from 'or3-sync/client'
import { createEnvironment } from '#or3-sync/core/sync/environment/environment'
import { EngineHarness, until } from '../../support/engine-harness'
import { openBrowser } from '../../support/open-browser'
import { jsonReply } from '../../support/pushed-ops'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => {
  vi.unstubAllGlobals()
  await world.close()
})

const blocked = (): never => { throw new DOMException('storage is blocked', 'SecurityError') }

async function expectSync(environment: Partial<SyncEnvironment>) {
  const device = world.device('ann', { environment })
  await device.start()
  await device.db.todos.put({ id: '1', title: 'x' })
  await device.whenIdle()
  expect(device.status.get()).toMatchObject({ state: 'idle', pendingCount: 0 })
  await device.stop()
  await device.db.todos.put({ id: '2', title: 'captured' })
  expect(await device.queue.pending()).toHaveLength(1)
}

describe('F24: surroundings that throw cost comfort, never the database', () => {
  it.each<[string, Partial<SyncEnvironment>]>([
    ['no channel can be opened', { channel: blocked }],
    ['no message can be sent', { channel: () => ({ postMessage: blocked, onmessage: null, close() {} }) }],
    ['the browser cannot be asked to keep the data', { persist: blocked }],
    ['the browser never answers whether it keeps the data', { persist: () => new Promise(() => {}) }],
  ])('%s', async (_what, environment) => {
    await expectSync(environment)
  })

  it('tabs that cannot talk to each other each work for themselves, and take the lead from nobody', async () => {
    const { openTab } = openBrowser(world)
    const tabs = [openTab({ channel: blocked }), openTab({ channel: blocked })]
    for (const tab of tabs) await tab.start()
    for (const tab of tabs) await tab.whenIdle()
    world.requests.length = 0
    // On this clock more than a minute.
    await new Promise(resolve => setTimeout(resolve, 1_500))
    expect(world.requests.filter(path => path === '/subscribe')).toEqual([])
    expect(tabs.map(tab => tab.status.get().isLeader)).toEqual([true, true])
    for (const tab of tabs) {
      await tab.db.todos.put({ id: String(tabs.indexOf(tab)), title: 'x' })
      await tab.whenIdle()
    }
  })

  it('the browser throws at the mere look at its locks and its storage', async () => {
    vi.stubGlobal('navigator', Object.defineProperties({}, { locks: { get: blocked }, storage: { get: blocked } }))
    vi.stubGlobal('BroadcastChannel', function () { blocked() })
    const env = createEnvironment()
    expect(env.locks).toBeNull()
    await expect(env.persist()).rejects.toThrow('blocked')
    await expectSync({ channel: env.channel, persist: env.persist, locks: env.locks })
  })
})

describe('F24, F57: a browser that gives no database', () => {
  /** What private windows and blocked storage do. */
  const refusing = (isBroken: () => boolean) => {
    const factory = new IDBFactory()
    return new Proxy(factory, {
      get: (target, key) => key === 'open' ? (...args: [string, number?]) => isBroken() ? blocked() : target.open(...args) : Reflect.get(target, key),
    })
  }

  it('is what the status says, and a start that succeeds takes it back', async () => {
    let isBroken = true
    const engine = createSyncEngine({
      schema: todoSchema, session: { userId: 'ann', workspaceId: 'w1' }, provider: world.provider('ann'), indexedDB: refusing(() => isBroken), IDBKeyRange, environment: { channel: () => null },
    })
    await expect(engine.start()).rejects.toMatchObject({ code: 'UNKNOWN', message: expect.stringContaining('the browser gives no database') })
    expect(engine.status.get()).toMatchObject({ state: 'error', reason: 'no-storage', error: { message: expect.stringContaining('no database') } })
    isBroken = false
    await engine.start()
    await engine.whenIdle()
    expect(engine.status.get()).toMatchObject({ state: 'idle', reason: null, error: null })
    await engine.close()
  })
})

describe('F57: the status says why nothing syncs', () => {
  const answer = (status: number, code: string) => async () => jsonReply({ data: { code, message: code } }, status)

  it.each([
    ['expired', 401, 'UNAUTHORIZED'], ['barred', 403, 'UNAUTHORIZED'], ['other-user', 409, 'USER_CHANGED'], ['outdated', 426, 'UNSUPPORTED_PROTOCOL'], ['switched-off', 404, 'SYNC_DISABLED'],
  ])('%s: the gateway answers %i', async (reason, status, code) => {
    const device = world.device('ann')
    world.intercept = answer(status, code)
    await device.start()
    await until(() => device.status.get().reason, found => found === reason)
    expect(device.status.get()).toMatchObject({ state: 'error', error: { code } })
  })

  it('null: it tries, and will come through', async () => {
    const device = world.device('ann')
    world.intercept = answer(503, 'SERVER_ERROR')
    await device.start()
    await until(() => device.status.get().error?.code, code => code === 'SERVER_ERROR')
    expect(device.status.get().reason).toBeNull()
    world.intercept = null
    await device.flush()
    await device.whenIdle()
    expect(device.status.get()).toMatchObject({ state: 'idle', reason: null })
  })

  it('in every tab, and whether or not it was told to', async () => {
    world.intercept = answer(403, 'UNAUTHORIZED')
    const { openTab } = openBrowser(world)
    const tabs = [openTab(), openTab()]
    for (const tab of tabs) await tab.start()
    for (const tab of tabs) await until(() => tab.status.get().reason, reason => reason === 'barred')
  })
})
