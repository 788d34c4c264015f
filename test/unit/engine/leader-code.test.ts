import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SyncEnvironment } from '#or3-sync/core/sync/environment/environment'
import { EngineHarness, until } from '../../support/engine-harness'
import { openBrowser } from '../../support/open-browser'
import { shortWaits } from '../../support/test-clock'

type LeaderWorkClass = typeof import('#or3-sync/core/sync/life/leader-work')['LeaderWork']

/** Stands for the browser that loads the chunk. */
const chunk = vi.hoisted(() => ({ code: null as unknown, tries: 0, load: async (): Promise<unknown> => null }))
vi.mock('#or3-sync/core/sync/life/load-leader-work', () => ({
  loadedLeaderWork: () => chunk.code,
  loadLeaderWork: async () => {
    chunk.tries++
    return chunk.code ??= await chunk.load()
  },
}))
const realCode = async (): Promise<LeaderWorkClass> => (await import('#or3-sync/core/sync/life/leader-work')).LeaderWork
const noCode = async (): Promise<never> => { throw new TypeError('Failed to fetch dynamically imported module') }

let world: EngineHarness
let wake: () => void
beforeEach(async () => {
  world = await EngineHarness.open()
  Object.assign(chunk, { code: null, tries: 0, load: realCode })
})
afterEach(async () => { await world.close() })

function device(environment: Partial<SyncEnvironment> = {}) {
  const onWake = (callback: () => void) => {
    wake = callback
    return () => {}
  }
  return world.device('ann', { environment: { clock: shortWaits(100), onWake, ...environment } })
}

/** A chunk that comes when `arrive` is called. */
function late(): { arrive: () => void } {
  let arrive = () => {}
  const coming = new Promise<void>((resolve) => { arrive = resolve })
  chunk.load = () => coming.then(realCode)
  return { arrive }
}

describe('the code of the leading tab', () => {
  it('may come late: the engine starts without it, edits are captured, and it syncs once it is there', async () => {
    const { arrive } = late()
    const a = device()
    await a.start()
    await a.db.todos.put({ id: '1', title: 'captured' })
    await a.flush()
    await a.rescan()
    expect([a.isRunning(), a.status.get().isLeader, a.status.get().state, (await a.queue.pending()).length]).toEqual([true, false, 'connecting', 1])
    expect(await a.queue.pending()).toMatchObject([{ pk: '1', attempts: 0 }])
    arrive()
    await a.whenIdle()
    expect([a.status.get().isLeader, (await a.queue.pending()).length]).toEqual([true, 0])
    const b = device()
    await b.start()
    await b.whenIdle()
    expect(await b.db.todos.get('1')).toMatchObject({ title: 'captured' })
  })

  it('is tried again when it could not be loaded; the status says so meanwhile', async () => {
    chunk.load = noCode
    const a = device()
    const errors: string[] = []
    a.hooks.addAction('sync.error:action', ({ code, permanent }) => { errors.push(`${code} ${permanent}`) })
    await a.start()
    await a.db.todos.put({ id: '1', title: 'captured' })
    await until(() => a.status.get(), ({ state, error }) => state === 'error' && error?.code === 'NETWORK_ERROR')
    await until(() => chunk.tries, tries => tries > 4)
    expect(errors[0]).toBe('NETWORK_ERROR false')
    chunk.load = realCode
    await a.whenIdle()
    expect([a.status.get().state, a.status.get().error, (await a.queue.pending()).length]).toEqual(['idle', null, 0])
  })

  it('is tried at once when the page wakes up', async () => {
    chunk.load = noCode
    const pauses: number[] = []
    const clock = shortWaits(100)
    // The pause before the second try never ends; everything else goes on.
    const setTimeout: SyncEnvironment['clock']['setTimeout'] = (run, ms) => ms < 1_000 ? pauses.push(ms) : clock.setTimeout(run, ms)
    const a = device({ clock: { ...clock, setTimeout } })
    await a.start()
    await until(() => pauses.length, count => count > 0)
    chunk.load = realCode
    wake()
    await a.whenIdle()
    expect(a.status.get().isLeader).toBe(true)
  })

  it('is left alone after a stop: what comes then begins nothing', async () => {
    const { arrive } = late()
    const a = device()
    await a.start()
    await a.stop()
    arrive()
    await until(() => chunk.code)
    expect([a.isRunning(), a.status.get().isLeader]).toEqual([false, false])
    await a.start()
    await a.whenIdle()
    expect(a.status.get().isLeader).toBe(true)
  })

  it('is not missed in a tab beside one that leads, until that one closes', async () => {
    const { openTab } = openBrowser(world)
    const leader = openTab({ clock: shortWaits(100) })
    await leader.start()
    await leader.whenIdle()
    Object.assign(chunk, { code: null, load: noCode })
    const without = openTab({ clock: shortWaits(100) })
    const states = new Set<string>()
    without.status.subscribe(({ state }) => { states.add(state) })
    const tries = chunk.tries
    await without.start()
    await without.db.todos.put({ id: '1', title: 'sent by the other' })
    await until(() => chunk.tries, count => count > tries + 3)
    await without.whenIdle()
    expect([(await leader.queue.pending()).length, without.status.get().isLeader, states.has('error')]).toEqual([0, false, false])
    await leader.close()
    await until(() => states.has('error'))
    chunk.load = realCode
    await until(() => without.status.get(), ({ isLeader, state, error }) => isLeader && state === 'idle' && error === null)
  })
})
