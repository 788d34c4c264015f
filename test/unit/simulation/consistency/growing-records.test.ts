import { afterEach, describe, expect, it } from 'vitest'
import { kill, openPair, type Pair } from '../../../support/consistent-history'
import { put } from '../../../support/history'
import { STORES } from '../../../support/history-stores'

let pair: Pair
afterEach(() => pair.history.close())

/** Edits the message every 50 ms. What is written beside it in the same transaction: `beside`, by number of the edit. */
async function grow({ history, a }: Pair, count: number, beside: Partial<Record<number, string>> = {}): Promise<void> {
  const { time } = history.world
  for (let n = 0; n < count; n++) {
    const until = time.now + 50
    expect(await history.edit(a, put('message'), ...[beside[n]].flatMap(pk => pk ? [put(pk)] : []))).toBe(true)
    await history.until(() => time.now >= until)
  }
}

describe.each(STORES)('on %s', (_, store) => {
  it('a message that grows 20 times a second is shown about ten times a second, whole with what is written beside it', async () => {
    pair = await openPair({ store })
    const { history, two } = pair
    const views = history.watch(two)
    await grow(pair, 40, { 13: 'thread', 26: 'thread' })
    await history.end()
    expect(views.length).toBeGreaterThan(15)
    expect(views.length).toBeLessThanOrEqual(27)
    expect(views.every(({ isConsistent }) => isConsistent)).toBe(true)
    expect(views.at(-1)!.rows.get('items/message')).toBe('e42')
  })

  it('a message that grows while its reader is killed again and again is whole in the end', async () => {
    pair = await openPair({ store })
    const { history, two } = pair
    history.watch(two)
    for (let times = 0; times < 5; times++) {
      await grow(pair, 7, { 3: 'thread' })
      kill(two)
      two.open()
      await history.level(two)
    }
    await history.end()
  })
})
