import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncClock } from '#or3-sync/core/sync/environment/environment'
import { NoticeRules } from '#or3-sync/core/sync/face/notice-rules'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

const DAY = 86_400_000
const GC_ROUND = 10 * 60_000
let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** A clock so many days ahead whose timers are a thousand times as fast. */
function clockAhead(days: number) {
  const rounds = { begun: 0 }
  const clock: SyncClock = {
    now: () => Date.now() + days * DAY,
    setTimeout: (run, ms) => {
      if (ms === GC_ROUND) rounds.begun++
      return setTimeout(run, ms / 1_000)
    },
    clearTimeout: handle => clearTimeout(handle as NodeJS.Timeout),
  }
  return { clock, rounds }
}

const loser = (id: string, daysAgo: number) => {
  const revision = { clock: 1, hlc: formatHlc({ ms: 1, counter: 0, node: 'node00000001' }), opId: id }
  return { id, tableName: 'todos', pk: id, winner: 'remote' as const, local: { op: 'put' as const, ...revision }, remote: { op: 'put' as const, ...revision }, detectedAt: Date.now() - daysAgo * DAY }
}
const keep = async ({ db }: TodoEngine) => {
  await db.table('sync_conflicts').bulkPut([loser('new', 1), loser('old', 31)])
  const tombstone = (pk: string, daysAgo: number) => ({ tableName: 'todos', pk, clock: 1, hlc: '', op_id: pk, deletedAt: Date.now() - daysAgo * DAY, syncedAt: Date.now() - daysAgo * DAY })
  await db.table('tombstones').bulkPut([tombstone('new', 1), tombstone('old', 31)])
}
const kept = async ({ db, conflicts }: TodoEngine) => [(await conflicts.list()).map(({ id }) => id).sort(), (await db.table('tombstones').toArray() as { pk: string }[]).map(({ pk }) => pk)]

describe('C5: losers and tombstones are kept for 30 days by the store\'s clock', () => {
  it.each([40, -40, 0])('on a device whose clock is %s days ahead', async (days) => {
    const { clock } = clockAhead(days)
    const ann = world.device('ann', { environment: { clock } })
    await ann.start()
    await ann.whenIdle()
    await keep(ann)
    let cleared = 0
    ann.hooks.addAction('sync.gc:action:completed', () => { cleared++ })
    await until(() => cleared)
    expect(await kept(ann)).toEqual([['new'], ['new']])
  })

  it('and longer, as long as nobody has said what time it is', async () => {
    const { clock, rounds } = clockAhead(40)
    world.offline = true
    const ann = world.device('ann', { environment: { clock } })
    await keep(ann)
    await ann.start()
    await until(() => rounds.begun, begun => begun >= 2)
    expect(await kept(ann)).toEqual([['new', 'old'], ['new', 'old']])
  })

  it('a loser is dated by the store\'s clock, too', async () => {
    const { clock } = clockAhead(-40)
    const [ann, bob] = [world.device('ann', { environment: { clock } }), world.device('bob')]
    for (const device of [ann, bob]) await device.db.todos.put({ id: 'a', title: 'x' })
    await bob.db.todos.update('a', { title: 'bob' })
    await bob.start()
    await bob.whenIdle()
    await ann.start()
    const [conflict] = await until(() => ann.conflicts.list(), list => list.length > 0)
    expect(Math.abs(conflict!.detectedAt - Date.now())).toBeLessThan(DAY)
  })
})

describe('C5: notices on a device whose clock is wrong', () => {
  it('the engine tells the store\'s time', async () => {
    const { clock } = clockAhead(2)
    const ann = world.device('ann', { environment: { clock } })
    await ann.start()
    await ann.whenIdle()
    expect(Math.abs(ann.storeTime() - Date.now())).toBeLessThan(DAY)
  })

  it('go on after a burst when the clock is set back', () => {
    let now = 2e12
    const rules = new NoticeRules({ now: () => now, log: { debug() {} } })
    for (let n = 0; n < 5; n++) rules.allows(`burst ${n}`)
    expect([rules.allows('one more'), rules.allows('burst 0')]).toEqual([false, false])
    now -= DAY
    expect([rules.allows('one more'), rules.allows('burst 0')]).toEqual([true, true])
  })
})
