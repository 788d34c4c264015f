import Dexie from 'dexie'
import { describe, expect, it } from 'vitest'
import { createSyncHooks, SyncError } from 'or3-sync/client'
import type { PendingOp } from '#or3-sync/shared/sync/protocol/types'
import { EngineHarness, until } from '../../support/engine-harness'

const scope = { workspaceId: 'w' }

function silentHooks() {
  const errors: string[] = []
  const log = { debug() {}, info() {}, warn() {}, error: (message: string) => { errors.push(message) } }
  return { hooks: createSyncHooks(log), errors }
}

describe('hooks', () => {
  it('call every listener in the order they were added, with the payload', () => {
    const { hooks } = silentHooks()
    const seen: string[] = []
    hooks.addAction('sync.bootstrap:action:start', payload => void seen.push(`a ${payload.scope.workspaceId}`))
    hooks.addAction('sync.bootstrap:action:start', () => void seen.push('b'))
    hooks.doAction('sync.bootstrap:action:start', { scope })
    expect(seen).toEqual(['a w', 'b'])
  })

  it('a listener that throws, or rejects, is reported and breaks nobody', async () => {
    const { hooks, errors } = silentHooks()
    let reached = false
    hooks.addAction('sync.bootstrap:action:start', () => { throw new Error('no') })
    hooks.addAction('sync.bootstrap:action:start', async () => { throw new Error('later') })
    // Dexie's promises are no instances of the language's own.
    hooks.addAction('sync.bootstrap:action:start', (() => Dexie.Promise.reject(new Error('in the database'))) as () => void)
    hooks.addAction('sync.bootstrap:action:start', () => { reached = true })
    hooks.doAction('sync.bootstrap:action:start', { scope })
    await until(() => errors, list => list.length === 3)
    expect(reached).toBe(true)
  })

  it('a listener can be removed by itself or by what addAction returned', () => {
    const { hooks } = silentHooks()
    let calls = 0
    const listener = () => { calls++ }
    hooks.addAction('sync.bootstrap:action:start', listener)
    hooks.removeAction('sync.bootstrap:action:start', listener)
    const remove = hooks.addAction('sync.bootstrap:action:start', listener)
    remove()
    remove()
    hooks.doAction('sync.bootstrap:action:start', { scope })
    expect([calls, hooks.hasAction('sync.bootstrap:action:start')]).toEqual([0, false])
  })

  it('filters hand the value on; one that throws fails them, once all were asked', () => {
    const { hooks, errors } = silentHooks()
    hooks.addFilter('sync.kv:blocklist', list => [...list, 'mine'])
    const remove = hooks.addFilter('sync.kv:blocklist', () => { throw new Error('no') })
    let handed: string[] = []
    hooks.addFilter('sync.kv:blocklist', list => handed = list)
    expect(() => hooks.applyFilters('sync.kv:blocklist', ['theirs'])).toThrow('no')
    expect([handed, errors.length]).toEqual([['theirs', 'mine'], 1])
    remove()
    expect(hooks.applyFilters('sync.kv:blocklist', ['theirs'])).toEqual(['theirs', 'mine'])
  })
})

describe('A5: what a listener writes to what it is shown', () => {
  const conflict = () => ({ tableName: 't', pk: '1', winner: 'local' as const, local: { op: 'put' as const, row: { at: new Date(5), tags: ['a'] } as Record<string, unknown>, clock: 1, hlc: '', opId: '' }, remote: { op: 'delete' as const, clock: 1, hlc: '', opId: '' } })

  it('is seen by nobody else', () => {
    const { hooks } = silentHooks()
    const [shown, seen] = [conflict(), [] as unknown[]]
    hooks.addAction('sync.conflict:action:detected', ({ local }) => {
      local.row!.tags = []
      ;(local.row!.at as Date).setTime(0)
    })
    hooks.addAction('sync.conflict:action:detected', payload => void seen.push(payload))
    hooks.doAction('sync.conflict:action:detected', shown)
    expect([shown, seen]).toEqual([conflict(), [conflict()]])
  })

  it('errors stay the errors that they are', () => {
    const { hooks } = silentHooks()
    const [error, seen] = [new SyncError('UNKNOWN', 'x'), [] as unknown[]]
    hooks.addAction('sync.error:action', payload => void seen.push(payload.error))
    hooks.doAction('sync.error:action', { error, code: 'UNKNOWN', permanent: false })
    expect(seen[0]).toBe(error)
  })

  it.each(['sync.op:action:captured', 'sync.retry:action', 'sync.error:action'] as const)('%s: is not sent', async (name) => {
    const world = await EngineHarness.open()
    try {
      const [ann, bob] = [world.device('ann'), world.device('bob')]
      let shown = 0
      ann.hooks.addAction(name, ({ op }: { op?: PendingOp }) => {
        shown++
        if (op?.payload) op.payload.title = '[redacted]'
      })
      let fails = 1
      world.intercept = async (path, _, send) => {
        if (path === '/push' && fails-- > 0) throw new TypeError('the network is away')
        return await send()
      }
      await ann.start()
      await bob.start()
      await ann.db.todos.put({ id: '1', title: 'text' })
      expect(await until(() => bob.db.todos.get('1'))).toMatchObject({ title: 'text' })
      expect(shown).toBeGreaterThan(0)
    }
    finally { await world.close() }
  })
})
