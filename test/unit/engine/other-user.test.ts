import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncError, type SyncProvider, type SyncScope } from 'or3-sync/client'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { openBrowser } from '../../support/open-browser'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** Ann, in step with the workspace, and how often her device wakes up. */
async function annsPage() {
  let wake = () => {}
  const engine = world.device('ann', { environment: { onWake: (callback) => { wake = callback; return () => {} } } })
  await engine.start()
  await engine.whenIdle()
  return { engine, wake: () => wake() }
}
const stoodAside = (engine: TodoEngine) => until(() => engine.status.get(), ({ reason }) => reason === 'other-user')
const stored = async () => (await world.provider('bob').pull({ scope: { workspaceId: 'w1', userId: 'bob' }, cursor: 0, limit: 100 })).changes.map(({ pk }) => pk)
/** Longer than the first waits of a back-off. */
const aWhile = () => new Promise(resolve => setTimeout(resolve, 900))

describe('F13: while somebody else is signed in, whoever that is', () => {
  it.each(['bob', 'eve'])('nothing of Ann\'s is sent as theirs, nothing is asked, and nothing is given up (%s)', async (other) => {
    if (other === 'eve') world.outsiders.add('eve')
    const { engine } = await annsPage()
    world.signedIn = other
    await engine.db.todos.put({ id: '1', title: 'Ann\'s' })
    const status = await stoodAside(engine)
    expect(status).toMatchObject({ state: 'error', error: { code: 'USER_CHANGED' }, failedCount: 0, isLeader: false })
    world.requests.length = 0
    await engine.db.todos.put({ id: '2', title: 'captured meanwhile' })
    await aWhile()
    expect(world.requests).toEqual([])
    expect((await engine.queue.pending()).map(({ pk }) => pk)).toEqual(['1', '2'])
    world.signedIn = null
    expect(await stored()).toEqual([])
  })

  it('what only reads stops, too', async () => {
    const { engine } = await annsPage()
    world.signedIn = 'bob'
    await engine.rescan()
    await stoodAside(engine)
    world.requests.length = 0
    await aWhile()
    expect(world.requests).toEqual([])
  })

  it.each(['wake', 'flush', 'start'] as const)('it goes on with everything once Ann is back (%s)', async (how) => {
    const { engine, wake } = await annsPage()
    world.signedIn = 'bob'
    await engine.db.todos.put({ id: '1', title: 'Ann\'s' })
    await stoodAside(engine)
    world.signedIn = null
    if (how === 'wake') wake()
    else if (how === 'flush') await engine.flush()
    else await engine.stop().then(() => engine.start())
    await engine.whenIdle()
    expect(engine.status.get()).toMatchObject({ state: 'idle', reason: null, error: null, pendingCount: 0, isLeader: true })
    expect(await stored()).toEqual(['1'])
  })

  it('one that is not back yet is noticed again, at the cost of one try', async () => {
    const { engine, wake } = await annsPage()
    world.signedIn = 'bob'
    await engine.db.todos.put({ id: '1', title: 'Ann\'s' })
    await stoodAside(engine)
    world.requests.length = 0
    wake()
    await until(() => world.requests.length)
    await aWhile()
    expect(world.requests.length, `each direction once at most: ${world.requests.join()}`).toBeLessThanOrEqual(2)
    expect(engine.status.get()).toMatchObject({ reason: 'other-user', pendingCount: 1, failedCount: 0 })
  })
})

describe('F13: an answer from before Ann was back', () => {
  it.each(['push', 'pull'] as const)('is not believed: the %s is made again', async (call) => {
    const { engine, wake } = await annsPage()
    let release = () => {}
    const held = new Promise<void>((resolve) => { release = resolve })
    let isHeld = false
    world.intercept = async (path, _, send) => {
      const response = await send()
      if (path === `/${call}` && response.status === 409) {
        isHeld = true
        await held
      }
      return response
    }
    world.signedIn = 'bob'
    if (call === 'push') await engine.db.todos.put({ id: '1', title: 'Ann\'s' })
    else await engine.rescan()
    await until(() => isHeld)
    world.signedIn = null
    wake()
    release()
    await engine.whenIdle()
    expect(engine.status.get()).toMatchObject({ state: 'idle', reason: null, error: null, pendingCount: 0, isLeader: true })
    expect(await stored()).toEqual(call === 'push' ? ['1'] : [])
  })

  it('is not believed of a stream that was opened before; one opened since is', async () => {
    const inner = world.provider('ann')
    let end = () => {}
    let opened = 0
    let wake = () => {}
    const engine = world.device('ann', {
      environment: { onWake: (callback) => { wake = callback; return () => {} } },
      provider: {
        id: 'own', mode: 'direct',
        push: batch => inner.push(batch),
        pull: request => inner.pull(request),
        subscribe: (scope, tables, onChanges, options) => {
          opened++
          end = () => options!.onStatus('error', { error: new SyncError('USER_CHANGED', 'somebody else') })
          return inner.subscribe(scope, tables, onChanges, options)
        },
      },
    })
    await engine.start()
    await engine.whenIdle()
    wake()
    end()
    await until(() => opened === 2)
    await engine.whenIdle()
    expect(engine.status.get()).toMatchObject({ state: 'idle', reason: null })
    end()
    await stoodAside(engine)
  })
})

describe('F13: several tabs of Ann\'s', () => {
  it('all stand aside, and all go on when one of them finds her back', async () => {
    const { openTab } = openBrowser(world)
    const tabs = [openTab(), openTab()]
    for (const tab of tabs) await tab.start()
    await Promise.all(tabs.map(tab => tab.whenIdle()))
    world.signedIn = 'bob'
    for (const tab of tabs) await tab.db.todos.put({ id: String(tabs.indexOf(tab)), title: 'Ann\'s' })
    for (const tab of tabs) await stoodAside(tab)
    world.requests.length = 0
    await aWhile()
    expect(world.requests).toEqual([])
    world.signedIn = null
    tabs[0]!.tab.wake()
    for (const tab of tabs) await until(() => tab.status.get(), ({ reason, state, pendingCount }) => reason === null && state === 'idle' && pendingCount === 0)
    expect(tabs.filter(tab => tab.status.get().isLeader)).toHaveLength(1)
    expect(await stored()).toEqual(['0', '1'])
  })
})

describe('F13: every call of a provider', () => {
  it('tells for whom it is made; hooks tell the scope without', async () => {
    const inner = world.provider('ann')
    const scopes: Record<string, SyncScope> = {}
    const noted = <T>(call: string, scope: SyncScope, result: T) => { scopes[call] = scope; return result }
    const provider: SyncProvider = {
      id: 'own', mode: 'direct',
      push: batch => noted('push', batch.scope, inner.push(batch)),
      pull: request => noted('pull', request.scope, inner.pull(request)),
      subscribe: (scope, ...rest) => noted('subscribe', scope, inner.subscribe(scope, ...rest)),
      updateCursor: (scope, ...rest) => noted('updateCursor', scope, inner.updateCursor(scope, ...rest)),
    }
    const engine = world.device('ann', { provider })
    let told: SyncScope | undefined
    engine.hooks.addAction('sync.push:action:before', ({ scope }) => { told = scope })
    await engine.db.todos.put({ id: '1', title: 'x' })
    await engine.start()
    await engine.whenIdle()
    await until(() => scopes.updateCursor)
    const scope = { workspaceId: 'w1', userId: 'ann' }
    expect(scopes).toEqual({ push: scope, pull: scope, subscribe: scope, updateCursor: scope })
    expect(told).toEqual({ workspaceId: 'w1' })
  })
})
