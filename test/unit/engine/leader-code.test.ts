import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SyncEnvironment } from '#or3-sync/core/sync/environment/environment'
import { SyncError } from 'or3-sync/client'
import { EngineHarness, until } from '../../support/engine-harness'
import { openBrowser } from '../../support/open-browser'
import { shortWaits } from '../../support/test-clock'

type SyncCode = typeof import('#or3-sync/core/sync/life/sync-code')

/** Stands for the browser that loads the chunk. */
const chunk = vi.hoisted(() => ({ code: null as unknown, tries: 0, load: async (): Promise<unknown> => null, waiting: [] as (() => void)[] }))
vi.mock('#or3-sync/core/sync/life/load-sync-code', () => ({
  loadedSyncCode: () => chunk.code,
  loadSyncCode: async () => {
    chunk.tries++
    chunk.code ??= await chunk.load()
    for (const tell of chunk.waiting.splice(0)) tell()
    return chunk.code
  },
  onSyncCode: (callback: () => void) => { chunk.waiting.push(callback) },
}))
const realCode = async (): Promise<SyncCode> => await import('#or3-sync/core/sync/life/sync-code')
const noCode = async (): Promise<never> => { throw new SyncError('NETWORK_ERROR', 'the part of the engine that syncs could not be loaded') }

let world: EngineHarness
let wake: () => void
beforeEach(async () => {
  chunk.load = realCode
  world = await EngineHarness.open()
  Object.assign(chunk, { code: null, tries: 0 })
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

  it('is waited for by those who ask what only it can tell', async () => {
    const { arrive } = late()
    const a = device()
    await a.start()
    await a.db.todos.put({ id: '1', title: 'captured' })
    const states: string[] = []
    a.rowState('todos', '1').subscribe(({ name }) => { states.push(name) })
    const endEarly = a.rowState('todos', '1').subscribe(() => { states.push('told after its end') })
    endEarly()
    const settled: string[] = []
    const waits = [a.whenSynced('todos', '1').then(() => settled.push('synced')), a.whenCaughtUp().then(() => settled.push('caught up'))]
    await until(() => a.status.get().pendingCount, count => count === 1)
    expect([settled, states, a.rowState('todos', '1').get().name]).toEqual([[], [], 'absent'])
    arrive()
    await Promise.all(waits)
    await until(() => states.at(-1), state => state === 'synced')
    expect(states).not.toContain('told after its end')
  })

  it('is not waited for when sync stops', async () => {
    late()
    const a = device()
    await a.start()
    await a.db.todos.put({ id: '1', title: 'captured' })
    const waits = Promise.allSettled([a.whenSynced('todos', '1'), a.whenCaughtUp()])
    await until(() => chunk.tries, tries => tries > 1)
    await a.stop()
    expect(await waits).toMatchObject([{ reason: { code: 'STOPPED' } }, { reason: { code: 'STOPPED' } }])
  })

  it('rejects what the user does with the dead letter and the conflicts while it cannot be loaded; both can be read', async () => {
    chunk.load = noCode
    const a = device()
    await a.start()
    expect([await a.queue.failed(), await a.queue.exportFailed(), await a.conflicts.list()]).toEqual([[], [], []])
    for (const act of [() => a.queue.retry(), () => a.queue.discard('x'), () => a.conflicts.restore('x'), () => a.conflicts.dismiss('x'), () => a.diagnostics()]) {
      await expect(act()).rejects.toMatchObject({ code: 'NETWORK_ERROR' })
    }
    chunk.load = realCode
    await expect(a.queue.discard('x')).rejects.toMatchObject({ code: 'NOT_FOUND' })
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
