import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/launch-chromium'
import { makePosts } from '../support/make-posts'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { type PlaygroundServer, startPlayground } from '../support/playground-server'

/** Stands in the engine's code and nowhere else. */
const ENGINE_MARK = 'sync.op:action:captured'

const ROUTES = [
  ['POST', 'push'], ['POST', 'pull'], ['POST', 'cursor'], ['GET', 'subscribe'], ['GET', 'session'],
  ['GET', 'token'], ['GET', '.well-known/jwks.json'], ['GET', 'health'],
] as const

describe('the switches, honoured when the built server starts', () => {
  let browser: Browser

  beforeAll(async () => { browser = await launchChromium() })
  afterAll(async () => { await browser?.close() })

  describe.each(['OR3_SYNC_ENABLED', 'SSR_AUTH_ENABLED'])('with %s=false', (name) => {
    let server: PlaygroundServer
    beforeAll(async () => { server = await startPlayground({ [name]: 'false' }) })
    afterAll(async () => { await server?.stop() })

    it.each(ROUTES)('answers 404 to %s /api/sync/%s', async (method, route) => {
      const response = await fetch(`${server.origin}/api/sync/${route}`, {
        method,
        ...method === 'POST' && { headers: { 'content-type': 'application/json' }, body: '{}' },
      })
      expect(response.status).toBe(404)
    })

    it('works local-only: no request to the gateway, no engine code, everything kept across a reload', async () => {
      const window = await MemberPage.open(browser, await Member.signIn(server.origin, 'Alice'))
      const rows = makePosts('local', 20)
      await window.run((db, all) => db.table('posts').bulkPut(all), rows)
      await window.run(db => db.table('posts').update('local-0001', { title: 'changed' }), null)
      await window.run(db => db.table('posts').delete('local-0002'), null)
      const before = await window.rows('posts')
      expect(before).toHaveLength(19)

      await window.reload()
      expect(await window.rows('posts')).toEqual(before)
      expect(before.find(row => row.id === 'local-0001')).toMatchObject({ title: 'changed' })
      expect(window.requests.filter(url => url.includes('/api/sync'))).toEqual([])
      expect(await scriptsWith(window, ENGINE_MARK)).toEqual([])
      expect(window.errors).toEqual([])
      await window.close()
    })
  })

  it('fetches the engine when sync is on', async () => {
    const server = await startPlayground()
    const window = await MemberPage.open(browser, await Member.signIn(server.origin, 'Alice'))
    await expect.poll(() => window.requests.filter(url => url.includes('/api/sync/'))).not.toEqual([])
    await expect.poll(async () => (await scriptsWith(window, ENGINE_MARK)).length).toBeGreaterThan(0)
    await window.close()
    await server.stop()
  })
})

/** The scripts among the page's requests whose text contains `mark`. */
async function scriptsWith(window: MemberPage, mark: string): Promise<string[]> {
  const scripts = [...new Set(window.requests)].filter(url => /\.m?js(?:\?|$)/.test(url))
  const texts = await Promise.all(scripts.map(async url => [url, await (await fetch(url)).text()] as const))
  return texts.filter(([, text]) => text.includes(mark)).map(([url]) => url)
}
