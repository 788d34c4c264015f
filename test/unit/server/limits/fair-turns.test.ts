import { describe, expect, it } from 'vitest'
import { FairTurns } from '../../../../server/lib/limits/fair-turns'

/** Holds the thread up. */
function workFor(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until) { /* busy */ }
}

describe('turns', () => {
  it('come at once while there is time for all', async () => {
    const turns = new FairTurns(1_000)
    let others = 0
    const other = setImmediate(() => others++)
    for (let piece = 0; piece < 100; piece++) await turns.take('ann')
    expect(others).toBe(0)
    clearImmediate(other)
  })

  it('F41: who had none lately comes before the next piece of work of somebody who had one', async () => {
    const turns = new FairTurns(2)
    const order: string[] = []
    const work = async (user: string) => {
      await turns.take(user)
      order.push(user)
      workFor(3)
    }
    // The slice is used up: from here on everybody waits.
    await turns.take('anybody')
    workFor(3)
    const done = Array.from({ length: 20 }, () => work('mallory'))
    // Comes while much of the other's work waits, and once more later.
    const visit = async () => {
      const before = order.length
      await work('ann')
      return order.lastIndexOf('ann') - before
    }
    await new Promise(resolve => setImmediate(resolve))
    const first = await visit()
    await new Promise(resolve => setTimeout(resolve, 8))
    const second = await visit()
    await Promise.all(done)
    expect(Math.max(first, second), `pieces of Mallory's that Ann waited for in ${order.join()}`).toBeLessThanOrEqual(1)
    expect(order.filter(user => user === 'mallory')).toHaveLength(20)
  })

  it('F44: long work lets the event loop turn whenever a slice is used up', async () => {
    const turns = new FairTurns(2)
    let loops = 0
    const count = setInterval(() => loops++, 0)
    await turns.take('ann')
    for (let piece = 0; piece < 20; piece++) {
      workFor(1)
      await turns.pause('ann')
    }
    clearInterval(count)
    expect(loops).toBeGreaterThan(3)
  })

  it('are shared by all who wait when a slice is long enough for several', async () => {
    const turns = new FairTurns(50)
    workFor(1)
    await turns.take('ann')
    workFor(51)
    let loops = 0
    const waiting = Promise.all(Array.from({ length: 30 }, (_, index) => turns.take(`user-${index}`)))
    const count = setInterval(() => loops++, 0)
    await waiting
    clearInterval(count)
    expect(loops).toBeLessThanOrEqual(2)
  })
})
