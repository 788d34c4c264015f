import { afterEach, describe, expect, it, vi } from 'vitest'
import { createEnvironment } from '#or3-sync/core/sync/environment/environment'
import { EngineHarness } from '../../support/engine-harness'

afterEach(() => { vi.unstubAllGlobals() })

/** A page, as far as waking up is concerned. */
function page() {
  const [window, document] = [new EventTarget(), Object.assign(new EventTarget(), { visibilityState: 'visible' })]
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', document)
  return { window, document }
}

describe('a page', () => {
  it.each(['online', 'focus', 'visibilitychange'])('wakes the engine on %s, until the engine has had enough', (event) => {
    const { window, document } = page()
    const target = event === 'visibilitychange' ? document : window
    let woken = 0
    const stop = createEnvironment().onWake(() => { woken++ })
    target.dispatchEvent(new Event(event))
    expect(woken).toBe(1)
    stop()
    target.dispatchEvent(new Event(event))
    expect(woken).toBe(1)
  })

  it('that goes out of sight wakes nobody', () => {
    const { document } = page()
    let woken = 0
    createEnvironment().onWake(() => { woken++ })
    document.visibilityState = 'hidden'
    document.dispatchEvent(new Event('visibilitychange'))
    expect(woken).toBe(0)
  })
})

describe('a worker', () => {
  it('is woken by the network', () => {
    const scope = new EventTarget()
    vi.stubGlobal('addEventListener', scope.addEventListener.bind(scope))
    vi.stubGlobal('removeEventListener', scope.removeEventListener.bind(scope))
    let woken = 0
    const stop = createEnvironment().onWake(() => { woken++ })
    scope.dispatchEvent(new Event('online'))
    stop()
    scope.dispatchEvent(new Event('online'))
    expect(woken).toBe(1)
  })
})

describe('the promise not to evict this origin\'s data', () => {
  it.each([[true], [false], [null]])('is asked for at the start, and %s is told in the diagnostics', async (answer) => {
    const world = await EngineHarness.open()
    let asked = 0
    const device = world.device('ann', { environment: { persist: async () => { asked++; return answer } } })
    expect((await device.diagnostics()).persisted).toBeNull()
    await device.start()
    await device.whenIdle()
    expect([asked, (await device.diagnostics()).persisted]).toEqual([1, answer])
    await world.close()
  })

  it('is the browser\'s to give', async () => {
    vi.stubGlobal('navigator', { storage: { persist: async () => true } })
    expect(await createEnvironment().persist()).toBe(true)
    vi.stubGlobal('navigator', {})
    expect(await createEnvironment().persist()).toBeNull()
  })

  it('that cannot be asked for is no reason not to sync', async () => {
    const world = await EngineHarness.open()
    const device = world.device('ann', { environment: { persist: () => Promise.reject(new Error('not in a private window')) } })
    await device.start()
    await device.db.todos.put({ id: '1', title: 'x' })
    await device.whenIdle()
    expect((await device.diagnostics()).persisted).toBeNull()
    await world.close()
  })
})
