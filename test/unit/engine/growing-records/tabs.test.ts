import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncClock } from '#or3-sync/core/sync/environment/environment'
import { wireOp } from '../../../../src/testing/contract/make-op'
import { EngineHarness, until } from '../../../support/engine-harness'
import { openBrowser } from '../../../support/open-browser'
import { shortWaits } from '../../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** Another device makes the record `r` say this. */
const write = async (title: string, clock: number) => {
  await world.provider('cyd').push({ scope: { workspaceId: 'w1' }, ops: [wireOp({ device: 'cyd', pk: 'r', clock, payload: { id: 'r', title } })] })
}

/** A clock that stands. On it the 100 ms that a change waits for others never end. */
function withoutDue(): SyncClock {
  const { setTimeout: start, clearTimeout } = shortWaits(50)
  const at = Date.now()
  return { now: () => at, setTimeout: (run, ms) => ms === 100 ? undefined : start(run, ms), clearTimeout }
}

/** Two tabs of one browser, and a record whose second change waits in the tab that leads. */
async function withOneWaiting() {
  const { openTab } = openBrowser(world)
  const leader = openTab({ clock: withoutDue() })
  await leader.start()
  await until(() => leader.status.get().isLeader)
  const follower = openTab()
  await follower.start()
  await leader.whenIdle()
  const shown = async () => (await follower.db.todos.get('r'))?.title
  await write('first', 1)
  await until(shown, title => title === 'first')
  await until(() => leader.status.get().state, state => state === 'idle')
  await write('second', 2)
  await until(() => leader.status.get().state, state => state === 'syncing')
  expect(await shown()).toBe('first')
  return { leader, follower, shown }
}

describe('a change that waits in the tab that leads', () => {
  it('is applied when another tab flushes', async () => {
    const { follower, shown } = await withOneWaiting()
    await follower.flush()
    await until(shown, title => title === 'second')
  })

  it('is there when the next tab leads', async () => {
    const { leader, follower, shown } = await withOneWaiting()
    await leader.close()
    expect(await shown()).toBe('second')
    await until(() => follower.status.get().isLeader)
    await write('third', 3)
    await until(shown, title => title === 'third')
  })

  it('and is frozen with it is read by the tab that takes over, and does nothing after the thaw', async () => {
    const { leader, follower, shown } = await withOneWaiting()
    leader.tab.frozen = true
    await follower.db.todos.put({ id: 'mine', title: 'so that somebody looks for the leader' })
    await until(() => follower.status.get().isLeader)
    await until(shown, title => title === 'second')
    await write('third', 3)
    await until(shown, title => title === 'third')
    leader.tab.frozen = false
    await until(() => leader.status.get().isLeader, isLeader => !isLeader)
    await follower.whenIdle()
    expect(await shown()).toBe('third')
    expect(await follower.conflicts.list()).toEqual([])
  })
})

it('a record that changes again and again says the same in all tabs', async () => {
  const { openTab } = openBrowser(world)
  const tabs = [openTab(), openTab()]
  for (const tab of tabs) await tab.start()
  await until(() => tabs.some(tab => tab.status.get().isLeader))
  for (let clock = 1; clock <= 30; clock++) await write(`text ${clock}`, clock)
  for (const tab of tabs) await until(() => tab.db.todos.get('r'), row => row?.title === 'text 30')
})
