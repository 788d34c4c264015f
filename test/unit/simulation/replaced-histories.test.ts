import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import { History, put, remove, shown } from '../../support/history'

let history: History
let one: SimDevice
beforeEach(() => {
  history = new History()
  one = history.device('ann')
  one.open()
  one.open()
})
afterEach(() => history.close())

/** The leading tab, and the other. */
async function tabs() {
  await history.rest()
  const isLeader = (tab: SimDevice['tabs'][number]) => tab.engine.status.get().isLeader
  return [one.tabs.find(isLeader)!, one.tabs.find(tab => !isLeader(tab))!] as const
}

/** Its database is deleted under its tabs. */
async function wipe(): Promise<void> {
  one.wipe()
  await history.until(() => history.world.checks.wipes > 0)
}

describe('a database that is deleted under its tabs', () => {
  it.each([
    ['a put', [put('a')]],
    ['a delete', [put('a'), remove('a')]],
  ])('takes no answer to what was sent from the one before (%s)', async (_, edits) => {
    const [leader, other] = await tabs()
    for (const [index, edit] of edits.entries()) {
      await history.level(one)
      await history.edit(leader, edit)
      await history.until(() => history.world.oracle.applied === index + 1)
    }
    expect(one.outbox(), 'the answer is on its way').toHaveLength(1)
    one.freeze(leader)
    await history.world.run(1_000)
    one.setOnline(false)
    await wipe()
    // As many edits as were made in the one before: the outbox counts from 1 again.
    for (const pk of ['b', 'a'].slice(2 - edits.length)) await history.edit(other, put(pk))
    one.thaw(leader)
    await history.world.run(10_000)
    expect(one.outbox().flatMap(({ ops }) => ops.map(({ pk }) => pk)).at(-1), 'the edit made in the new one still waits').toBe('a')
    one.setOnline(true)
    await history.rest()
  })

  it('knows nothing of the one before: an edit upon another tab\'s, of which no message has come yet, stands on what that one stood on', async () => {
    const [leader] = await tabs()
    for (const pk of ['a', 'b', 'c', 'd']) await history.edit(leader, put(pk))
    await history.rest()
    await wipe()
    const [sender, other] = await tabs()
    await history.edit(other, put('a'))
    await history.edit(sender, put('a'))
    await history.rest()
    expect(one.conflicts()).toEqual([])
    expect(shown(one)).toContain('items/a:e6')
  })
})
