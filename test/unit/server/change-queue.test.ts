import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AppliedRows } from '../../../server/lib/changes/applied-rows'
import { ChangeQueue } from '../../../server/lib/changes/change-queue'
import { acceptedOp } from './support/make-op'

/** A commit of one row, at this version. */
function commit(version: number, { workspaceId = 'w1', payload = '{}' }: { workspaceId?: string, payload?: string } = {}): AppliedRows {
  const { tableName, stamp } = acceptedOp()
  return { workspaceId, userId: 'ada', rows: [{ tableName, pk: `row-${version}`, serverVersion: version, op: 'put', payload, stamp }], previous: [null] }
}

let told: string[]
let log: string[]
let underWay: number
let queue: ChangeQueue
let listen: (applied: AppliedRows) => void | Promise<void>
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  told = []
  log = []
  underWay = 0
  listen = () => {}
  queue = new ChangeQueue({
    tell: (applied) => {
      told.push(`${applied.workspaceId}/${applied.rows[0]!.serverVersion}`)
      return listen(applied)
    },
    isHeard: () => true,
    begin: () => {
      underWay++
      return () => { underWay-- }
    },
    now: () => 0,
    logger: { warn: message => log.push(message), error: message => log.push(message) },
  })
})
afterEach(() => { vi.useRealTimers() })

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** A listener that goes on when it is told to. */
function held(): () => void {
  const goOn: (() => void)[] = []
  listen = () => new Promise<void>((resolve) => { goOn.push(resolve) })
  return () => goOn.splice(0).forEach(resolve => resolve())
}

describe('the order of commits', () => {
  it('is that of the versions, whichever answer comes first', async () => {
    const [endFirst, endSecond] = [queue.begin('w1'), queue.begin('w1')]
    endSecond()
    queue.add(commit(2))
    await settled()
    expect(told, 'version 1 may be under way').toEqual([])
    endFirst()
    queue.add(commit(1))
    await settled()
    expect(told).toEqual(['w1/1', 'w1/2'])
  })

  it('does not wait for a push that began later, for one of another workspace, or for one that cannot be earlier', async () => {
    const endFirst = queue.begin('w1')
    queue.begin('w2')
    endFirst()
    queue.add(commit(7))
    queue.begin('w1')
    await settled()
    expect(told, 'the other push began after the answer').toEqual(['w1/7'])
    queue.add(commit(8))
    await settled()
    expect(told, 'it follows directly on the last').toEqual(['w1/7', 'w1/8'])
    queue.add(commit(10))
    await settled()
    expect(told, 'version 9 may be under way').toEqual(['w1/7', 'w1/8'])
  })

  it('goes on when a push that was waited for has changed nothing, or failed', async () => {
    const end = queue.begin('w1')
    queue.add(commit(2))
    await settled()
    end()
    await settled()
    expect(told).toEqual(['w1/2'])
  })

  it('does not wait for ever for an answer', async () => {
    queue.begin('w1')
    queue.add(commit(2))
    await settled()
    await vi.advanceTimersByTimeAsync(29_000)
    await settled()
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(2_000)
    await settled()
    expect(told).toEqual(['w1/2'])
  })

  it('is kept by commits that come in while a listener is at work', async () => {
    const goOn = held()
    queue.add(commit(1))
    await settled()
    queue.add(commit(4))
    queue.add(commit(2))
    queue.add(commit(3))
    for (let turn = 0; turn < 4; turn++) {
      goOn()
      await settled()
    }
    expect(told).toEqual(['w1/1', 'w1/2', 'w1/3', 'w1/4'])
  })

  it('starts over with the versions of a restored store', async () => {
    for (const version of [100, 51, 52]) {
      queue.add(commit(version))
      await settled()
    }
    expect(told).toEqual(['w1/100', 'w1/51', 'w1/52'])
  })
})

it('a listener is not called before what runs now has ended, such as the answer to a push', async () => {
  queue.add(commit(1))
  for (let step = 0; step < 50; step++) await Promise.resolve()
  expect(told).toEqual([])
  await settled()
  expect(told).toEqual(['w1/1'])
})

describe('a listener that takes long', () => {
  it('holds up the next commit for 30 s at most, which is logged once', async () => {
    held()
    for (const version of [1, 2, 3]) queue.add(commit(version))
    await settled()
    await vi.advanceTimersByTimeAsync(29_000)
    await settled()
    expect(told).toEqual(['w1/1'])
    for (let turn = 0; turn < 2; turn++) {
      await vi.advanceTimersByTimeAsync(31_000)
      await settled()
    }
    expect(told).toEqual(['w1/1', 'w1/2', 'w1/3'])
    expect(log).toEqual(['[or3-sync] a listener of or3-sync:changed has not ended after 30 s; the next commits no longer wait for it'])
  })

  it('counts as work of the server until it has ended, and so does what waits behind it', async () => {
    const goOn = held()
    const first = queue.add(commit(1))!
    queue.add(commit(2))
    await settled()
    await vi.advanceTimersByTimeAsync(31_000)
    await settled()
    expect(underWay).toBe(2)
    goOn()
    await first
    await settled()
    expect(underWay).toBe(0)
  })
})

describe('what waits', () => {
  it('is at most 1,000 commits of a workspace: the oldest are left out, which is logged once', async () => {
    const goOn = held()
    queue.add(commit(1))
    await settled()
    const leftOut = queue.add(commit(2))!
    queue.add(commit(1, { workspaceId: 'w2' }))
    for (let version = 3; version <= 1_003; version++) queue.add(commit(version))
    await leftOut
    expect(underWay).toBe(2 + 1_000)
    expect(log).toEqual(['[or3-sync] the listeners of or3-sync:changed are slower than the commits; the oldest that wait are left out'])
    listen = () => {}
    goOn()
    while (underWay > 0) await settled()
    expect(told.slice(0, 4)).toEqual(['w1/1', 'w2/1', 'w1/4', 'w1/5'])
    expect(told).toHaveLength(1_002)
  })

  it('is at most 32 Mi characters in all workspaces: the oldest are left out', async () => {
    const payload = 'x'.repeat(1024 * 1024)
    held()
    for (const workspaceId of ['w1', 'w2']) queue.add(commit(1, { workspaceId, payload }))
    await settled()
    expect(told, 'these no longer wait').toEqual(['w1/1', 'w2/1'])
    for (let version = 2; version <= 17; version++) for (const workspaceId of ['w1', 'w2']) queue.add(commit(version, { workspaceId, payload }))
    expect(underWay).toBe(2 + 32)
    expect(log).toEqual([])
    queue.add(commit(18, { workspaceId: 'w2', payload }))
    queue.add(commit(19, { workspaceId: 'w2', payload }))
    expect(underWay, 'the two oldest were left out').toBe(2 + 32)
    queue.stop()
    expect(underWay, 'the listeners have not ended').toBe(2)
  })

  it('is read by nobody if there is no listener', () => {
    const unread = commit(1)
    Object.defineProperty(unread.rows[0], 'payload', { get: () => { throw new Error('read') } })
    const deaf = new ChangeQueue({ tell: () => {}, isHeard: () => false, begin: () => { throw new Error('counted') }, now: () => 0 })
    deaf.begin('w1')()
    expect(deaf.add(unread)).toBeUndefined()
  })

  it('never fails a push: not even when it cannot be found out whether there is a listener', () => {
    const broken = new ChangeQueue({
      tell: () => {}, isHeard: () => { throw new Error('broken') }, begin: () => () => {}, now: () => 0,
      logger: { warn: message => log.push(message), error: message => log.push(message) },
    })
    broken.begin('w1')()
    expect(broken.add(commit(1))).toBeUndefined()
    expect(log).toEqual(['[or3-sync] hasChangedListeners failed', '[or3-sync] hasChangedListeners failed'])
  })
})
