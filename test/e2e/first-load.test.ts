import { describe, expect, it } from 'vitest'
import { Member } from '../support/member'
import { usePlayground } from '../support/use-playground'

/** In bytes, compressed, without the headers of the responses. */
const LIMIT = 250_000

describe('the scripts of the first load', () => {
  const at = usePlayground()

  it.each(['/', '/?thread=t', '/notes', '/sync', '/two-devices', '/sign-in'])(`of %s are compressed, and below ${LIMIT / 1000} kB until the page runs and syncs`, async (path) => {
    const context = await at.browser.newContext({ serviceWorkers: 'block' })
    if (path !== '/sign-in') {
      const [name, value] = (await Member.signIn(at.server.origin, 'Ann')).cookie.split(/=(.*)/s) as [string, string]
      await context.addCookies([{ name, value, url: at.server.origin }])
    }
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    const scripts = new Map<string, { encoding: string | null, bytes: number }>()
    await session.send('Network.enable')
    session.on('Network.responseReceived', ({ requestId, response }) => {
      const headers = new Headers(response.headers)
      if (response.url.endsWith('.js')) scripts.set(requestId, { encoding: headers.get('content-encoding'), bytes: Number(headers.get('content-length')) })
    })
    await page.goto(at.server.origin + path)
    await page.waitForFunction(() => ['idle', 'disabled', 'offline'].includes((window as unknown as { __or3?: { status: { state: string } } }).__or3?.status.state ?? ''))
    const loaded = [...scripts.values()]
    const bytes = loaded.reduce((sum, script) => sum + script.bytes, 0)
    expect(loaded.filter(script => !script.bytes), 'each says how long it is').toEqual([])
    expect(bytes).toBeGreaterThan(100_000)
    expect(bytes).toBeLessThan(LIMIT)
    expect(loaded.filter(script => script.bytes > 2_000 && !script.encoding)).toEqual([])
    await context.close()
  })
})
