import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SyncClock } from '#or3-sync/core/sync/environment/environment'
import { EngineHarness, until } from '../../support/engine-harness'

/** More than Dexie awaits in a row without a request to the database, before it loses its transaction. */
const MANY = 200

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const rows = (title: unknown) => Array.from({ length: MANY }, (_, index) => ({ id: `x${index}`, title: title as string }))

it('many refused edits are tried again at once', async () => {
  const device = world.device('ann')
  await device.start()
  await device.db.todos.bulkPut(rows(5))
  await until(() => device.queue.failed(), ({ length }) => length === MANY)
  let refused = 0
  device.hooks.addAction('sync.error:action', ({ permanent }) => { if (permanent) refused++ })
  await device.queue.retry()
  expect(await until(() => refused, count => count >= MANY)).toBe(MANY)
})

it('many edits that were stamped by a wrong clock, and were made again on their way, are settled in one transaction', async () => {
  const clock: SyncClock = {
    now: () => Date.now() + 3_600_000,
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: handle => clearTimeout(handle as NodeJS.Timeout),
  }
  const device = world.device('ann', { environment: { clock } })
  const errors: string[] = []
  device.hooks.addAction('sync.error:action', ({ error }) => { errors.push(String(error)) })
  let isEdited = false
  world.intercept = async (path, _, send) => {
    if (path === '/push' && !isEdited) {
      isEdited = true
      await device.db.todos.bulkPut(rows('second'))
    }
    return await send()
  }
  await device.db.todos.bulkPut(rows('first'))
  await device.start()
  await device.whenIdle()
  expect(errors).toEqual([])
  expect(await device.queue.pending()).toEqual([])
  expect(await device.db.todos.get('x0')).toMatchObject({ title: 'second' })
})
