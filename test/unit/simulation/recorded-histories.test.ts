import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkHistory, type RecordedHistory } from '../../../src/testing/index'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { SimTab } from '../../../src/testing/simulation/sim-tab'
import { History, put, remove } from '../../support/history'

let history: History
let one: SimDevice
let two: SimDevice
let a: SimTab

beforeEach(async () => {
  history = new History({ checksConsistency: true })
  one = history.device('ann')
  two = history.device('bob')
  a = one.open()
  two.open()
  await history.rest()
})
afterEach(() => history.close())

const recorder = () => history.world.history!
const recorded = () => recorder().histories.get('w1')!
const kinds = (recorded: RecordedHistory) => checkHistory(recorded).map(({ kind }) => kind)
const labels = (recorded: RecordedHistory) => recorded.sessions.map(({ name, transactions }) => [name, transactions.flatMap(({ writes }) => writes.length ? [writes.map(({ label }) => label).join(' ')] : [])])
/** The same history without its exceptions. */
const strict = () => ({ ...recorded(), excepted: new Set<string>(), sessions: recorded().sessions.map(({ name, transactions }) => ({ name, transactions: transactions.map(tx => ({ ...tx, excepted: undefined })) })) })

describe('the record of a history', () => {
  it('has the transactions of each device, and what the store committed', async () => {
    await history.edit(a, put('a'), put('b'))
    await history.edit(a, remove('b'))
    await history.rest()
    expect(labels(recorded())).toEqual([['d1', ['e1 e2', 'e3']], ['d2', []]])
    const applied = recorded().commits!.flatMap(({ applied }) => applied)
    expect(applied.map(({ record, revision, isDelete }) => [record, revision!.clock, isDelete])).toEqual([['items/a', 1, false], ['items/b', 1, false], ['items/b', 2, true]])
    expect(applied.at(-1)!.replaced).toEqual(applied[1]!.revision)
    expect(kinds(recorded())).toEqual([])
  })

  it('has what each device read, in one transaction for each change of its database', async () => {
    await history.edit(a, put('a'), put('b'))
    await history.rest()
    const reads = recorded().sessions[1]!.transactions.filter(({ reads }) => reads.size > 0)
    expect(reads.map(({ reads, isConsistent }) => [[...reads.keys()].sort(), isConsistent])).toEqual([[['items/a', 'items/b'], true]])
  })

  it('is found wrong, by name, when a device shows a part of a transaction', async () => {
    await history.edit(a, put('a'), put('b'))
    await history.rest()
    recorder().check()
    const records = two.shared()
    records.delete('items/b')
    recorder().look(two, records)
    expect(() => recorder().check()).toThrow(/^\(l\) (fractured read|monotonic reads) in w1: d2 #\d+ at \d+ ms reads .*items\/b/)
  })

  it('counts a database that was deleted as another session', async () => {
    await history.edit(a, put('a'))
    await history.rest()
    one.wipe()
    await history.rest()
    await history.edit(a, put('b'))
    await history.rest()
    expect(labels(recorded())).toEqual([['d1', ['e1']], ['d2', []], ['d1 (database 2)', ['e2']]])
    expect(kinds(recorded())).toEqual([])
  })
})

describe('the record of a history knows of what nothing is promised', () => {
  it('a held edit', async () => {
    await history.edit(a, put('a', { tableName: 'drafts', hold: true }), put('b', { tableName: 'drafts' }))
    await history.rest()
    expect([kinds(recorded()), new Set(kinds(strict()))]).toEqual([[], new Set(['fractured read'])])
  })

  it('a refused edit, also after it was given up', async () => {
    await history.edit(a, put('a'))
    await history.rest()
    history.world.members.set('ann', 'w1', 'viewer')
    await history.edit(a, put('a'))
    await history.until(() => one.outbox().some(({ status }) => status === 'failed'))
    history.world.members.set('ann', 'w1', 'editor')
    await history.world.finish(one.settleRefused('discard'))
    await history.rest()
    expect([kinds(recorded()), kinds(strict())]).toEqual([[], ['read your writes']])
  })

  it('what a restored store has lost', async () => {
    const restore = history.world.backUp()!
    await history.edit(a, put('a'))
    await history.edit(a, put('b'))
    await history.rest()
    await history.world.finish(restore())
    await history.rest()
    expect(recorded().commits!.filter(({ isRestore }) => isRestore)).toHaveLength(1)
    expect([kinds(recorded()), kinds(strict())]).toEqual([[], ['monotonic reads', 'monotonic reads']])
  })

  it('transactions that are sent in parts, and those that go together with them', async () => {
    one.setOnline(false)
    await history.edit(a, put('a'), put('b'))
    recorder().split(one)
    recorder().look(one, one.shared())
    await history.edit(a, put('b'), put('c'))
    await history.edit(a, put('d'))
    const opIds = new Map(recorded().sessions[0]!.transactions.flatMap(({ writes }) => writes.map(({ label, revision }) => [revision.opId, label])))
    expect([...recorded().excepted!].map(opId => opIds.get(opId))).toEqual(['e1', 'e2', 'e3', 'e4'])
  })
})
