import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until } from '../../support/engine-harness'
import { jsonReply } from '../../support/pushed-ops'
import { fastClock } from '../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

describe('a server that asks to wait', () => {
  it.each([[429, 'RATE_LIMITED'], [503, 'SERVER_ERROR']])('is not asked for a stream again before its Retry-After (%i), and pushes go on meanwhile', async (status, code) => {
    const clock = fastClock(100)
    const attempts: number[] = []
    world.intercept = async (path, _, send) => {
      if (path !== '/subscribe') return await send()
      attempts.push(clock.now())
      return attempts.length > 2
        ? await send()
        : jsonReply({ data: { code, message: 'later' } }, status, { 'retry-after': '20' })
    }
    const ann = world.device('ann', { environment: { clock } })
    await ann.start()
    await until(() => attempts.length, count => count === 1)
    await ann.db.todos.put({ id: 'a', title: 'written while there is no stream' })
    await until(() => ann.status.get().pendingCount, count => count === 0)
    await until(() => attempts.length, count => count === 3)
    expect(attempts[1]! - attempts[0]!).toBeGreaterThanOrEqual(20_000)
    expect(attempts[2]! - attempts[1]!).toBeGreaterThanOrEqual(20_000)
  })
})
