import { describe, expect, it } from 'vitest'
import { Budget } from '../../../../server/lib/limits/budget'
import type { BudgetAnswer } from '../../../../server/lib/limits/budget'

const NOW_OR_NEVER = { waitMs: 0 }
const holdingOf = (answer: BudgetAnswer) => {
  if (answer.status === 'full') throw new Error(`full for ${answer.for}`)
  return answer.holding
}

describe('a budget', () => {
  it('lets each user hold so much, and all of them so much', async () => {
    const budget = new Budget({ perUser: 10, total: 15 })
    holdingOf(await budget.take('ann', 10))
    expect(await budget.take('ann', 1, NOW_OR_NEVER)).toEqual({ status: 'full', for: 'user' })
    holdingOf(await budget.take('bob', 5))
    expect(await budget.take('bob', 1, NOW_OR_NEVER)).toEqual({ status: 'full', for: 'all' })
    expect(budget.held).toBe(15)
  })

  it('lets in whoever waits, in their order, as soon as there is room', async () => {
    const budget = new Budget({ perUser: 10, total: 100 })
    const first = holdingOf(await budget.take('ann', 10))
    const order: string[] = []
    const waiting = [4, 6, 1].map(amount => budget.take('ann', amount).then((answer) => {
      order.push(String(amount))
      return answer
    }))
    first.release()
    holdingOf(await waiting[0]!)
    const second = holdingOf(await waiting[1]!)
    expect(order).toEqual(['4', '6'])
    second.release()
    holdingOf(await waiting[2]!)
    expect(budget.held).toBe(5)
  })

  it('lets one in that is larger than all there is, and nobody beside it', async () => {
    const budget = new Budget({ perUser: 10, total: 10 })
    const large = holdingOf(await budget.take('ann', 50))
    expect(await budget.take('bob', 1, NOW_OR_NEVER)).toEqual({ status: 'full', for: 'all' })
    large.release()
    holdingOf(await budget.take('bob', 1))
  })

  it('counts what is there already, and gives back what turned out smaller', async () => {
    const budget = new Budget({ perUser: 10, total: 100 })
    const holding = holdingOf(await budget.take('ann', 2))
    holding.resize(30)
    expect([budget.held, (await budget.take('ann', 1, NOW_OR_NEVER)).status]).toEqual([30, 'full'])
    const waiting = budget.take('ann', 5)
    holding.resize(3)
    holdingOf(await waiting)
    expect(budget.held).toBe(8)
  })

  it('counts once for all what many hold together', async () => {
    const budget = new Budget({ perUser: 10, total: 100 })
    const giveBack = budget.share(8)
    for (const user of ['ann', 'bob', 'cid']) holdingOf(await budget.take(user, 8)).resize(8, 0)
    expect(budget.held).toBe(8)
    expect((await budget.take('ann', 8, NOW_OR_NEVER)).status).toBe('full')
    giveBack()
    expect(budget.held).toBe(0)
  })

  it('lets nobody hold anything who has gone, and forgets who holds nothing', async () => {
    const budget = new Budget({ perUser: 10, total: 10 })
    const first = holdingOf(await budget.take('ann', 10))
    const gone = new AbortController()
    const waiting = [budget.take('ann', 8, { signal: () => gone.signal }), budget.take('ann', 9, { waitMs: 1 }), budget.take('ann', 2)]
    gone.abort()
    expect((await Promise.all(waiting.slice(0, 2))).map(({ status }) => status)).toEqual(['full', 'full'])
    first.release()
    first.release()
    holdingOf(await waiting[2]!).release()
    expect([budget.held, budget.users]).toEqual([0, 0])
  })

  it('has no line of any length where its length is limited', async () => {
    const budget = new Budget({ perUser: 1, total: 10, line: 2 })
    const first = holdingOf(await budget.take('ann', 1))
    const waiting = [budget.take('ann', 1), budget.take('ann', 1)]
    expect(await budget.take('ann', 1)).toEqual({ status: 'full', for: 'user' })
    first.release()
    for (const next of waiting) holdingOf(await next).release()
  })
})
