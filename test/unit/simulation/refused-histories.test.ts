import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { EditRequest, SimTab } from '../../../src/testing/simulation/sim-tab'
import { History, shown } from '../../support/history'

let history: History
let one: SimDevice
let two: SimDevice
let a: SimTab
let b: SimTab

beforeEach(async () => {
  history = new History()
  one = history.device('ann')
  two = history.device('bob')
  a = one.open()
  b = two.open()
  await history.rest()
})
afterEach(() => history.close())

const put = (flags: Pick<EditRequest, 'secret'> = {}): EditRequest => ({ kind: 'put', tableName: 'drafts', pk: 'a', ...flags })
const secret = put({ secret: true })
const remove: EditRequest = { kind: 'delete', tableName: 'drafts', pk: 'a' }
/** The second device's refused edit stands beside the revision that was made upon it. */
const hasHeardOfTheNext = () => two.outbox().some(({ failure }) => failure?.remote?.stamp.clock === 2)
const hasRefused = (device: SimDevice) => device.outbox().some(({ status }) => status === 'failed')
const mayWrite = (userId: string, may: boolean) => history.world.members.set(userId, 'w1', may ? 'editor' : 'viewer')
const retry = async (tab: SimTab) => {
  history.world.time.jump(1)
  await history.world.finish(tab.device.settleRefused('retry'))
}
/** What the checks say where the store shows this of the record. */
const checkWhere = (edit: string) => () => history.world.checks.privacy.atRest(one, new Map([['drafts/a', edit]]))

describe('a private row, when the delete that took it from the others was refused and is given up', () => {
  it.each([['made private', [secret]], ['deleted, and then made anew as a private one', [remove, secret]]])('%s: stays, and what the store shows is set aside', async (_, requests) => {
    await history.edit(a, put())
    await history.rest()
    mayWrite('ann', false)
    one.setOnline(false)
    for (const request of requests) await history.edit(a, request)
    one.setOnline(true)
    await history.until(() => hasRefused(one))
    await history.discard(a)
    mayWrite('ann', true)
    await history.rest()
    const mine = `drafts/a:e${requests.length + 1}`
    expect([shown(one), shown(two)]).toEqual([[mine], ['drafts/a:e1']])
    expect(one.quarantine().map(({ reason, change }) => [reason, change.payload?.edit])).toEqual([['excluded', 'e1']])
    await history.edit(a, remove)
    await history.until(() => one.quarantine().length === 0)
    await history.rest()
    expect([shown(one), one.quarantine()]).toEqual([['drafts/a:e1'], []])
  })

  describe('and the put before it had arrived, though its answer was lost', () => {
    /** The put is in the store, and both edits are one refused delete here, which may have heard of the put since. */
    async function refusedUnheard({ isHeard }: { isHeard: boolean }): Promise<void> {
      a.provider.losePushReplies = 1
      await history.edit(a, put())
      await history.until(() => shown(two).length === 1)
      mayWrite('ann', false)
      await history.edit(a, secret)
      await history.until(() => hasRefused(one))
      if (!isHeard) return
      await history.world.finish(a.engine.rescan())
      await history.until(() => one.outbox().some(({ failure }) => failure?.remote?.stamp.clock === 1))
    }

    it.each([['before', true], ['after', false]])('is no conflict with that put, heard of %s it was given up, when the row is public again', async (_, isHeard) => {
      await refusedUnheard({ isHeard })
      await history.discard(a)
      mayWrite('ann', true)
      await history.rest()
      await history.edit(a, put())
      await history.rest()
      expect([shown(one), shown(two), history.world.checks.conflicts.size]).toEqual([['drafts/a:e3'], ['drafts/a:e3'], 0])
    })

    it('is no conflict with that put, never heard of, when the row is public again at once', async () => {
      await refusedUnheard({ isHeard: false })
      one.setOnline(false)
      await history.discard(a)
      mayWrite('ann', true)
      await history.edit(a, put())
      one.setOnline(true)
      await history.rest()
      expect([shown(one), shown(two), history.world.checks.conflicts.size]).toEqual([['drafts/a:e3'], ['drafts/a:e3'], 0])
    })

    it('meets as a conflict what somebody else made upon that put', async () => {
      await refusedUnheard({ isHeard: true })
      await history.discard(a)
      await history.edit(b, put())
      mayWrite('ann', true)
      await history.rest()
      await history.edit(a, put())
      await history.rest()
      expect(history.world.checks.conflicts.size).toBe(1)
    })
  })

  it('but was made public and private again before: its newer delete is sent all the same', async () => {
    await history.edit(a, put())
    await history.rest()
    mayWrite('ann', false)
    await history.edit(a, secret)
    await history.until(() => hasRefused(one))
    one.setOnline(false)
    await history.edit(a, put())
    await history.edit(a, secret)
    await history.discard(a)
    mayWrite('ann', true)
    one.setOnline(true)
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e4'], []])
  })

  it('and is made private once more, sends another delete: the store may not show it any longer', async () => {
    await history.edit(a, put())
    await history.rest()
    mayWrite('ann', false)
    await history.edit(a, secret)
    await history.until(() => hasRefused(one))
    await history.discard(a)
    mayWrite('ann', true)
    await history.rest()
    expect(checkWhere('e1')).not.toThrow()
    await history.edit(a, put())
    await history.edit(a, secret)
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e4'], []])
    expect(checkWhere('e1')).toThrow('(f) d1 made drafts/a private (e4), and the store still shows e1')
  })
})

describe('a row that is private here', () => {
  it('may not be shown by the store because somebody else\'s copy of its delete was given up', async () => {
    await history.edit(a, put())
    await history.edit(a, secret)
    await history.rest()
    history.world.journal.edits.get('e2')!.discardedBy.add(two.name)
    expect(checkWhere('e1')).toThrow('(f) d1 made drafts/a private (e2), and the store still shows e1')
  })

  it('comes back to the others when the one who wrote it tries again what had arrived and was then refused', async () => {
    b.provider.losePushReplies = 1
    await history.edit(b, put())
    await history.until(() => shown(one).length === 1)
    mayWrite('bob', false)
    await history.until(() => hasRefused(two))
    await history.edit(a, secret)
    await history.until(() => two.outbox()[0]!.failure!.remote?.op === 'delete')
    mayWrite('bob', true)
    await retry(b)
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e2'], ['drafts/a:e1']])
    history.world.journal.edits.get('e1')!.retriedBy.clear()
    expect(checkWhere('e1')).toThrow('(f) d1 made drafts/a private (e2), and the store still shows e1')
  })
})

describe('a row that was queued again after a restore, and refused', () => {
  /** Ann's row is in no copy of the store; Bob, who may not write, has it, too. */
  async function restored(): Promise<void> {
    const restore = history.world.backUp()!
    await history.edit(a, put())
    await history.rest()
    mayWrite('bob', false)
    await history.world.finish(restore())
    await history.until(() => hasRefused(two) && history.isLevel(one))
  }

  it.each([['private', secret, ['drafts/a:e2']], ['deleted', remove, []]])('does not rise above the edit that made it %s when it is tried again', async (_, request, left) => {
    await restored()
    await history.edit(a, request)
    await history.level(one)
    await history.until(hasHeardOfTheNext)
    mayWrite('bob', true)
    await retry(b)
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([left, []])
  })

  it('does not rise above a later edit of it either', async () => {
    await restored()
    await history.edit(a, put())
    await history.level(one)
    await history.until(hasHeardOfTheNext)
    mayWrite('bob', true)
    await retry(b)
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e2'], ['drafts/a:e2']])
  })

  it('is given to the store when it is tried again and the store still lacks it', async () => {
    one.setOnline(false)
    const restore = history.world.backUp()!
    await history.edit(b, put())
    await history.level(two)
    mayWrite('bob', false)
    await history.world.finish(restore())
    await history.until(() => hasRefused(two))
    mayWrite('bob', true)
    await retry(b)
    one.setOnline(true)
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['drafts/a:e1'], ['drafts/a:e1']])
  })
})

describe('an edit that is given up after it had arrived, its reply lost', () => {
  it.each([['', 0, 1], [', stamped anew for its wrong clock', 30 * 60_000, 2]])('loses nothing of what it had replaced and this device had received%s', async (_, skew, clock) => {
    two.skew = skew
    two.setOnline(false)
    await history.edit(a, put())
    await history.level(one)
    await history.edit(b, put())
    two.setOnline(true)
    await history.until(() => two.outbox()[0]!.ops[0]!.clock === clock)
    b.provider.losePushReplies = 1
    await history.until(() => b.provider.losePushReplies === 0)
    // The store has it. The next try is refused, however soon it comes.
    mayWrite('bob', false)
    await history.until(() => shown(one)[0] === 'drafts/a:e2')
    await history.until(() => hasRefused(two))
    await history.discard(b)
    mayWrite('bob', true)
    await history.rest()
    expect([shown(one), shown(two), history.world.checks.conflicts.size]).toEqual([['drafts/a:e2'], ['drafts/a:e2'], 1])
    history.world.journal.edits.get('e2')!.discardedBy.clear()
    await history.rest()
  })
})

describe('a row that was queued again for a restored store, and refused, when the store deletes what took its place and nobody here hears of it', () => {
  it('does not bring that back when it is tried again', async () => {
    const restore = history.world.backUp()!
    await history.edit(b, put())
    await history.rest()
    mayWrite('ann', false)
    two.setOnline(false)
    await restore()
    await history.until(() => hasRefused(one))
    await history.edit(b, put())
    two.setOnline(true)
    await history.until(() => one.outbox()[0]?.failure?.remote?.payload?.edit === 'e2')
    one.setOnline(false)
    await history.edit(b, remove)
    await history.level(two)
    // Longer than tombstones are kept: the walk over everything that follows is not told of it.
    history.world.time.jump(31 * 24 * 3_600_000)
    await history.world.gateway.gc()
    const { rescans } = one
    one.setOnline(true)
    await history.until(() => one.rescans > rescans && !one.bootstrap())
    mayWrite('ann', true)
    await retry(a)
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([[], []])
  })
})
