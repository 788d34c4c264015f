import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GatewaySyncProvider, SyncError } from 'or3-sync/client'
import { EngineHarness, until } from '../../support/engine-harness'
import { shortWaits } from '../../support/test-clock'

/** Stands for the browser that loads the chunk. */
const chunk = vi.hoisted(() => ({ code: null as unknown, load: async (): Promise<unknown> => null }))
vi.mock('#or3-sync/core/sync/transport/gateway/load-gateway-link', () => ({
  loadedGatewayLink: () => chunk.code,
  loadGatewayLink: async () => chunk.code ??= await chunk.load(),
}))
const realCode = async () => (await import('#or3-sync/core/sync/transport/gateway/gateway-link')).GatewayLink
const noCode = async (): Promise<never> => { throw new SyncError('NETWORK_ERROR', 'the part of the engine that talks to the gateway could not be loaded') }

let world: EngineHarness
beforeEach(async () => {
  chunk.load = realCode
  world = await EngineHarness.open()
  chunk.code = null
})
afterEach(async () => { await world.close() })

describe('the code that talks to the gateway', () => {
  it('is tried again while it cannot be loaded, and no edit is lost', async () => {
    chunk.load = noCode
    const a = world.device('ann', { environment: { clock: shortWaits(100) } })
    await a.start()
    await a.db.todos.put({ id: '1', title: 'captured' })
    await until(() => a.status.get(), ({ error }) => error?.code === 'NETWORK_ERROR')
    expect(await a.queue.pending()).toMatchObject([{ pk: '1' }])
    chunk.load = realCode
    await a.whenIdle()
    expect(await a.queue.pending()).toEqual([])
    const b = world.device('ann')
    await b.start()
    await b.whenIdle()
    expect(await b.db.todos.get('1')).toMatchObject({ title: 'captured' })
  })

  it('that comes late answers the calls that wait, and none once the provider is disposed of', async () => {
    let arrive = () => {}
    const coming = new Promise<void>((resolve) => { arrive = resolve })
    chunk.load = () => coming.then(realCode)
    const options = { baseURL: world.origin, fetch: world.fetchAs('ann') }
    const [provider, disposed] = [new GatewaySyncProvider(options), new GatewaySyncProvider(options)]
    const request = { scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 }
    const [page, none] = [provider.pull(request), disposed.pull(request)]
    none.catch(() => {})
    disposed.dispose()
    expect(provider.transport()).toBe('polling')
    arrive()
    expect(await page).toMatchObject({ changes: [], hasMore: false })
    await expect(none).rejects.toMatchObject({ code: 'NETWORK_ERROR' })
  })
})
