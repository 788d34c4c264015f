import { describe, expect, it } from 'vitest'
import { describeConvexInBrowser } from '../support/describe-convex-in-browser'
import { launchChromium } from '../support/launch-chromium'
import { makePosts } from '../support/make-posts'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { startPlayground } from '../support/playground-server'

describeConvexInBrowser('two windows that sync with Convex directly', { env: { OR3_SYNC_PROVIDER: 'convex' }, isDirect: true })

describe('direct mode where the server hands out no tokens', () => {
  it('goes through the gateway', async () => {
    const server = await startPlayground({ OR3_SYNC_PROVIDER: 'convex', OR3_SYNC_BACKEND: 'sqlite', VITE_CONVEX_URL: 'http://127.0.0.1:9' })
    const browser = await launchChromium()
    try {
      const { pages: [ann, bob] } = await openSharedWorkspace(browser, server.origin, ['Ann', 'Bob'])
      await ann.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('through', 2))
      await expect.poll(async () => (await bob.rows('posts')).map(({ title }) => title), { timeout: 30_000 }).toEqual(['through 0', 'through 1'])
      expect(ann.requests.filter(url => url.endsWith('/api/sync/token')).length).toBeGreaterThan(0)
      expect(ann.requests.filter(url => url.endsWith('/api/sync/push')).length).toBeGreaterThan(0)
    }
    finally {
      await browser.close()
      await server.stop()
    }
  })
})
