import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, eventHandler, getCookie, toNodeListener, useSession } from 'h3'
import { expect, it } from 'vitest'
import { ignoreSession } from '../../../playground/server/utils/ignore-session'

const CONFIG = { name: 'nuxt-session', password: 'x'.repeat(32) }

it('F27: a session that does not count is found by nobody, neither as a cookie nor as a header; other cookies stay', async () => {
  const app = createApp().use(eventHandler(async (event) => {
    if (event.path === '/ignored') ignoreSession(event)
    const session = await useSession<{ user?: string }>(event, CONFIG)
    if (event.path === '/sign-in') await session.update({ user: 'ann' })
    return { user: session.data.user ?? null, theme: getCookie(event, 'theme') ?? null }
  }))
  const server = createServer(toNodeListener(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const pair = (await fetch(`${origin}/sign-in`)).headers.getSetCookie().at(-1)!.split(';', 1)[0]!
    const seen = async (path: string, headers: Record<string, string>) => await (await fetch(origin + path, { headers })).json() as unknown
    const asCookie = { cookie: `theme=dark; ${pair}; nuxt-session-not=1` }
    const asHeader = { 'x-nuxt-session-session': decodeURIComponent(pair.slice(pair.indexOf('=') + 1)), 'cookie': 'theme=dark' }
    for (const headers of [asCookie, asHeader]) {
      expect(await seen('/', headers)).toEqual({ user: 'ann', theme: 'dark' })
      expect(await seen('/ignored', headers)).toEqual({ user: null, theme: 'dark' })
    }
    expect(await seen('/ignored', {})).toEqual({ user: null, theme: null })
  }
  finally { server.close() }
})
