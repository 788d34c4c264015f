import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryBackend } from 'or3-sync/server'
import type { BackendWrite, BackendWriteOutcome, SyncBackend } from 'or3-sync/server'
import { NO_FAULTS, simulate } from '../../../src/testing/index'
import { passOn } from '../../../src/testing/pass-on'
import type { HandOutcome, HandRequest } from '../../../src/testing/simulation/server-hand'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { SimTab } from '../../../src/testing/simulation/sim-tab'
import { History, put, shown } from '../../support/history'

let history: History
let one: SimDevice
let two: SimDevice
let a: SimTab
let b: SimTab

async function open(backend?: () => SyncBackend): Promise<void> {
  history = new History({ checksConsistency: true, backend })
  one = history.device('ann')
  two = history.device('bob')
  a = one.open()
  b = two.open()
  await history.rest()
}

const hand = () => history.world.hand
const edit = (kind: HandRequest['kind'], pk: string, more: Partial<HandRequest> = {}): HandRequest => ({ kind, tableName: 'items', pk, ...more })

function write(...requests: HandRequest[]): Promise<HandOutcome> {
  history.world.time.jump(1)
  return history.world.finish(hand().write('w1', requests))
}

const conflicts = (device: SimDevice) => device.conflicts().map(({ winner, local, remote }) => [winner, local.row?.edit, remote.row?.edit])
const sessions = () => history.world.history!.histories.get('w1')!.sessions
const statuses = () => [...history.world.journal.edits.values()].map(({ id, status }) => `${id} ${status}`)

/** A store whose own writes are made by `write`, and are otherwise as they should be. */
const flawedBackend = (write: (store: SyncBackend, request: BackendWrite) => Promise<BackendWriteOutcome>) => (): SyncBackend => {
  const store = memoryBackend()
  return { ...passOn(store), write: request => write(store, request) }
}

describe('a write of the server', () => {
  beforeEach(() => open())
  afterEach(() => history.close())

  it('reaches every device, and is written down as one transaction', async () => {
    expect(await write(edit('put', 'a'), edit('put', 'b'))).toBe('written')
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([['items/a:e1', 'items/b:e2'], ['items/a:e1', 'items/b:e2']])
    const { transactions } = sessions().find(({ name }) => name === 'server')!
    expect(transactions.map(({ writes }) => writes.map(({ record, label }) => `${record} ${label}`))).toEqual([['items/a e1', 'items/b e2']])
    history.world.history!.check()
  })

  it('is made upon the edit that it finds, so that no device has a conflict', async () => {
    await history.edit(a, put('a'))
    await history.rest()
    await write(edit('update', 'a'))
    await history.rest()
    expect(history.world.journal.knew('e2', 'e1')).toBe(true)
    expect([conflicts(one), conflicts(two), shown(two)]).toEqual([[], [], ['items/a:e2']])
  })

  it('beats an edit that did not know it: the device keeps that as a conflict', async () => {
    await history.edit(a, put('a'))
    await history.rest()
    two.setOnline(false)
    await history.edit(b, put('a'))
    await write(edit('put', 'a'))
    two.setOnline(true)
    await history.rest()
    expect([shown(two), conflicts(two), conflicts(one)]).toEqual([['items/a:e3'], [['remote', 'e2', 'e3']], []])
  })

  it('is beaten by a higher edit that did not know it: the device keeps it as a conflict', async () => {
    two.setOnline(false)
    await history.edit(b, put('a'))
    await history.edit(b, put('a'))
    await write(edit('put', 'a'))
    two.setOnline(true)
    await history.rest()
    expect([shown(one), conflicts(two)]).toEqual([['items/a:e2'], [['local', 'e2', 'e3']]])
  })

  it('is refused as a whole where one expectation is not met, or an update finds no row', async () => {
    await history.edit(a, put('a'))
    await history.rest()
    const row = (await history.world.finish(hand().get('w1', 'items', 'a')))!
    const revision = { clock: row.clock!, hlc: row.hlc! }
    expect(await write(edit('put', 'b'), edit('put', 'a', { expect: null }))).toBe('CONFLICT')
    expect(await write(edit('put', 'b'), edit('update', 'c'))).toBe('NOT_FOUND')
    expect(await write(edit('put', 'b', { expect: null }), edit('update', 'a', { expect: revision }))).toBe('written')
    expect(await write(edit('delete', 'a', { expect: revision }))).toBe('CONFLICT')
    await history.rest()
    expect(shown(one)).toEqual(['items/a:e7', 'items/b:e6'])
    expect(statuses()).toEqual(['e1 committed', 'e2 aborted', 'e3 aborted', 'e4 aborted', 'e5 aborted', 'e6 committed', 'e7 committed', 'e8 aborted'])
  })

  it('lists what it reads in one transaction, with the records that are not there', async () => {
    await history.edit(a, put('a'))
    await history.rest()
    await history.world.finish(hand().list('w1', 'items'))
    const { transactions } = sessions().find(({ name }) => name === 'server')!
    expect(transactions.map(({ reads }) => [...reads].map(([record, revision]) => [record, revision?.clock]))).toEqual([[['items/a', 1], ['items/b', undefined], ['items/c', undefined], ['items/d', undefined]]])
  })

  it('that only a restored store knew is gone, and that is no loss', async () => {
    const restore = history.world.backUp()!
    one.setOnline(false)
    two.setOnline(false)
    await write(edit('put', 'a'))
    await history.world.finish(restore())
    one.setOnline(true)
    two.setOnline(true)
    await history.rest()
    expect([shown(one), shown(two)]).toEqual([[], []])
  })
})

describe('the checks of the server\'s writes find a store', () => {
  afterEach(() => history.close())

  it('that ignores what a write expects', async () => {
    await open(flawedBackend((store, request) => store.write({ ...request, edits: request.edits.map(({ expect: _, ...edit }) => edit) })))
    await write(edit('put', 'a'))
    await expect(write(edit('put', 'a', { expect: null }))).rejects.toThrow('(m) e2 was stored, though the store had to refuse it with CONFLICT')
  })

  it('that refuses what it has to take', async () => {
    await open(flawedBackend(async () => ({ ok: false, code: 'NOT_FOUND', message: 'no', index: 0 })))
    await expect(write(edit('put', 'a'))).rejects.toThrow('(m) e1 was refused with NOT_FOUND, and not with nothing')
  })

  it('whose clock goes back with that of the machine', async () => {
    const hour = 3_600_000
    let writes = 0
    // Each workspace has a clock of its own, so this store forgets its clock after each write.
    await open(flawedBackend((store, request) => store.write({ ...request, workspaceId: `clock${writes}`, now: request.now - hour * writes++ })))
    await write(edit('put', 'a'))
    await expect(write(edit('put', 'b'))).rejects.toThrow(/^\(m\) e2 was stamped \S+, though the server had written \S+ before$/)
  })

  it('that stores a group in two transactions: a device shows a part of it', async () => {
    await open(flawedBackend(async (store, request) => {
      const outcomes = []
      for (const edit of request.edits) {
        outcomes.push(await store.write({ ...request, edits: [edit] }))
        // The streams are told of each part.
        for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => { process.nextTick(resolve) })
      }
      const written = outcomes.flatMap(outcome => outcome.ok ? [outcome] : [])
      return { ok: true, version: written.at(-1)!.version, writes: written.flatMap(({ writes }) => writes), previous: written.flatMap(({ previous }) => previous), rows: written.flatMap(({ rows }) => rows) }
    }))
    await write(edit('put', 'a'), edit('put', 'b'))
    await history.rest()
    expect(() => history.world.history!.check()).toThrow(/^\(l\) fractured read in w1: d\d #\d+ at \d+ ms reads items\/a@1 \(e1\) of server #1, but /)
  })

  it('that says that it has written, and has not', async () => {
    await open(flawedBackend((store, request) => store.write({ ...request, workspaceId: 'elsewhere' })))
    await write(edit('put', 'a'))
    expect(await history.world.run(60_000, () => history.isLevel(one))).toBe(false)
  })
})

describe('a simulated history', () => {
  it('has writes of the server as often as wanted, and only then', async () => {
    const log = (lines: readonly string[]) => lines.filter(line => / the server in \w+ writes /.test(line)).length
    const all = await simulate({ seed: 3, ops: 15, faults: { ...NO_FAULTS, serverWrites: 1 } })
    const none = await simulate({ seed: 3, ops: 15, faults: NO_FAULTS })
    expect([all.faults.serverWrites, log(all.log), none.faults.serverWrites, log(none.log)]).toEqual([15, 15, undefined, 0])
  }, 60_000)

  it('is the same up to the first of them', async () => {
    const without = await simulate({ seed: 7, faults: { serverWrites: 0 } })
    const played = await simulate({ seed: 7 })
    const first = played.log.findIndex(line => line.includes('the server in'))
    expect(first).toBeGreaterThan(10)
    expect(played.log.slice(0, first)).toEqual(without.log.slice(0, first))
  }, 60_000)

  it('is one for each seed, op ids and all', async () => {
    const play = () => simulate({ seed: 11, ops: 20, faults: { serverWrites: 1 } })
    expect((await play()).log).toEqual((await play()).log)
  }, 60_000)
})
