import { createHooks } from 'hookable'
import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadSessionResolver } from '../../support/load-session-resolver'

afterEach(() => { vi.restoreAllMocks() })

const nitro = () => ({ hooks: createHooks() }) as unknown as NitroApp
const event = (user?: string) => ({ node: { req: { headers: user === undefined ? {} : { 'x-user': user } } } }) as unknown as H3Event
const ann = { userId: 'ann', workspaces: [{ id: 'team', role: 'editor' as const }] }

describe('who is asking', () => {
  it.each([[true, true], [true, false], [false, true], [false, false]])('is what the app\'s hook says, also when it says nobody (dev %s, nuxt-auth-utils %s)', async (dev, authUtils) => {
    const { resolveSession } = await loadSessionResolver({ dev, authUtils })
    const app = nitro()
    let answer: typeof ann | null = ann
    app.hooks.hook('or3-sync:session', (_event, ctx) => { ctx.session = answer })
    expect(await resolveSession(event('bob'), app)).toEqual(ann)
    answer = null
    expect(await resolveSession(event('bob'), app)).toBeNull()
  })

  it('is the user of nuxt-auth-utils, in one personal workspace, where the app has no hook', async () => {
    const { resolveSession } = await loadSessionResolver({ dev: false, authUtils: true })
    expect(await resolveSession(event('7'), nitro())).toEqual({ userId: '7', workspaces: [{ id: '7', role: 'owner' }] })
    expect([await resolveSession(event(), nitro()), await resolveSession(event(''), nitro())]).toEqual([null, null])
  })

  it('is the user dev while developing with neither, and nobody in production', async () => {
    const [developing, production] = [await loadSessionResolver({ dev: true, authUtils: false }), await loadSessionResolver({ dev: false, authUtils: false })]
    expect(await developing.resolveSession(event(), nitro())).toEqual({ userId: 'dev', name: 'dev', workspaces: [{ id: 'dev', name: 'dev', role: 'owner' }] })
    expect(await production.resolveSession(event('bob'), nitro())).toBeNull()
  })
})

describe('the log at the start', () => {
  const lines = async (dev: boolean, authUtils: boolean, hooked: boolean) => {
    const written: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => { written.push(String(text)); return true })
    const app = nitro()
    if (hooked) app.hooks.hook('or3-sync:session', () => {})
    ;(await loadSessionResolver({ dev, authUtils })).warnWithoutSession(app)
    vi.restoreAllMocks()
    return written.map(line => JSON.parse(line) as { level: string, message: string })
  }

  it('says in one line what to add where nothing says who is signed in', async () => {
    const production = await lines(false, false, false)
    expect(production).toHaveLength(1)
    expect(production[0]!.level).toBe('warn')
    expect(production[0]!.message).toMatch(/^\[or3-sync\] .*every sync route answers 401; add .*or3-sync:session.*nuxt-auth-utils$/)
    const developing = await lines(true, false, false)
    expect(developing[0]!.message).toMatch(/^\[or3-sync\] .*local user "dev".*or3-sync:session.*nuxt-auth-utils \(node_modules\/or3-sync\/docs\/errors\.md#no-session-source\)$/)
  })

  it('says nothing where something does', async () => {
    expect([await lines(false, true, false), await lines(false, false, true), await lines(true, true, false), await lines(true, false, true)]).toEqual([[], [], [], []])
  })
})
