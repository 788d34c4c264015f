import { describe, expect, it } from 'vitest'
import { createSyncHooks } from 'or3-sync/client'

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
    hooks.addAction('sync.bootstrap:action:start', () => { reached = true })
    hooks.doAction('sync.bootstrap:action:start', { scope })
    await Promise.resolve()
    expect([reached, errors.length]).toEqual([true, 2])
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
