import { createHooks } from 'hookable'
import type { NitroApp } from 'nitropack/types'
import type { ChangedInfo } from 'or3-sync/server'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { bundleNitro } from '../../support/bundle-nitro'

interface Loaded {
  tellChanged: (nitroApp: NitroApp, changed: ChangedInfo) => Promise<void>
  hookListeners: (nitroApp: NitroApp, name: string) => unknown[]
}

const changed: ChangedInfo = {
  workspaceId: 'w1', userId: 'ada',
  changes: [{
    table: 'todos', pk: 'a', operation: 'put', serverVersion: 1, revision: { clock: 1, hlc: 'h' }, previous: null,
    row: { id: 'a', dueAt: new Date(5), size: 5n, bytes: new Uint8Array([1]), clock: 1, hlc: 'h', op_id: 'o' },
  }],
}

const loaded = await bundleNitro<Loaded>('export * from "./server/nitro/tell-changed"; export * from "./server/nitro/hook-listeners"')
let nitroApp: NitroApp
beforeEach(() => { nitroApp = { hooks: createHooks() } as unknown as NitroApp })

const on = (listener: (info: ChangedInfo) => unknown) => { (nitroApp.hooks as unknown as { hook: (name: string, listener: unknown) => void }).hook('or3-sync:changed', listener) }

describe('the Nitro hook or3-sync:changed', () => {
  it('counts its listeners without calling them', () => {
    const listener = vi.fn()
    expect(loaded.hookListeners(nitroApp, 'or3-sync:changed')).toEqual([])
    on(listener)
    expect(loaded.hookListeners(nitroApp, 'or3-sync:changed')).toEqual([listener])
    expect(listener).not.toHaveBeenCalled()
  })

  it('gives each listener the rows as they are, and none what another has made of them', async () => {
    const seen: ChangedInfo[] = []
    const expected = structuredClone(changed)
    on((info) => { info.changes[0]!.row!.clock = 99 })
    on((info) => { seen.push(info) })
    await loaded.tellChanged(nitroApp, changed)
    expect(seen).toEqual([expected])
  })

  it('calls the others when one throws, rejects or does not end, and logs the errors', async () => {
    const log = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const order: string[] = []
    let release = () => {}
    on(() => { throw new Error('first') })
    on(() => Promise.reject(new Error('second')))
    on(() => new Promise<void>((resolve) => { release = resolve }))
    on(() => { order.push('called') })
    const over = loaded.tellChanged(nitroApp, changed).then(() => order.push('over'))
    await new Promise(resolve => setImmediate(resolve))
    expect(order).toEqual(['called'])
    release()
    await over
    expect(order).toEqual(['called', 'over'])
    const lines = log.mock.calls.map(([line]) => String(line))
    log.mockRestore()
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/a listener of or3-sync:changed failed.*first/)
    expect(lines[1]).toMatch(/a listener of or3-sync:changed failed.*second/)
  })
})
