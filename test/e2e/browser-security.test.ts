import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { expectConverged } from '../support/expect-converged'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { startPlayground } from '../support/playground-server'
import { usePlayground } from '../support/use-playground'

describe('what the playground tells browsers', () => {
  const at = usePlayground()

  it('is a content security policy that it runs under, sync and all, without a violation', async () => {
    const { pages: [ann, bob], workspaceId } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann', 'Bob'])
    const violations = [await watchViolations(ann.page), await watchViolations(bob.page)]
    for (const window of [ann, bob]) for (const path of ['/notes', '/sync', '/']) await window.visit(path)
    await ann.run(db => db.table('posts').put({ id: 'p1', title: 'under a policy', content: '', created_at: 1, updated_at: 1 }), null)
    await expectConverged([ann, bob], workspaceId, ['posts'])
    await ann.page.getByTestId('workspace-menu').click()
    await ann.page.getByText('New workspace').click()
    await ann.page.getByTestId('workspace-name').fill('Another')
    expect(violations.flat()).toEqual([])
    expect([...ann.errors, ...bob.errors]).toEqual([])
    await ann.close()
    await bob.close()
  })

  it('is a policy that stops scripts which are not its own', async () => {
    const page = await at.browser.newPage()
    const violations = await watchViolations(page)
    await page.goto(`${at.server.origin}/sign-in`)
    await page.evaluate(() => {
      document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="window.injected = true">')
      document.body.append(Object.assign(document.createElement('a'), { id: 'bad', href: 'javascript:void(window.injected = true)', textContent: 'bad' }))
    })
    await page.locator('#bad').click()
    await expect.poll(() => violations.length).toBeGreaterThan(1)
    expect(await page.evaluate(() => 'injected' in window)).toBe(false)
    await page.close()
  })

  it('are headers on pages and on sync routes, too', async () => {
    const page = await fetch(`${at.server.origin}/sign-in`)
    const policy = page.headers.get('content-security-policy')!
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/)
    expect(policy).toContain('frame-ancestors \'none\'')
    expect(policy).not.toMatch(/script-src [^;]*unsafe/)
    for (const response of [page, await fetch(`${at.server.origin}/api/sync/health`)]) {
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('x-frame-options')).toBe('DENY')
      expect(response.headers.get('x-powered-by')).toBeNull()
    }
  })

  it('let the page through to the Convex deployment that the server was started with, and to no other', async () => {
    const other = await startPlayground({ VITE_CONVEX_URL: 'https://happy-otter-1.convex.cloud', OR3_SYNC_BACKEND: 'sqlite', OR3_SYNC_PROVIDER: 'gateway' })
    const policy = (await fetch(`${other.origin}/sign-in`)).headers.get('content-security-policy')
    expect(policy).toContain('connect-src \'self\' https://happy-otter-1.convex.cloud wss://happy-otter-1.convex.cloud;')
    await other.stop()
  })

  it.each([['http', false], ['https', true]] as const)('is a session cookie that no script reads; over %s Secure is %s', async (protocol, isSecure) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-proto': protocol }
    const signedIn = await fetch(`${at.server.origin}/api/auth/sign-in`, { method: 'POST', headers, body: '{"name":"Ann"}' })
    const cookie = signedIn.headers.getSetCookie().at(-1)!
    expect(cookie).toMatch(/; HttpOnly/i)
    expect(cookie).toMatch(/; SameSite=Lax/i)
    expect(/; Secure/i.test(cookie)).toBe(isSecure)
    const signedOut = await fetch(`${at.server.origin}/api/auth/sign-out`, { method: 'POST', headers: { ...headers, cookie: cookie.split(';')[0]! }, body: '{}' })
    expect(/; Secure/i.test(signedOut.headers.getSetCookie().at(-1)!)).toBe(isSecure)
  })
})

/** Collects what the policy stops on this page, from its next document on. */
async function watchViolations(page: Page): Promise<string[]> {
  const violations: string[] = []
  await page.exposeFunction('noteViolation', (text: string) => { violations.push(text) })
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
      (window as unknown as { noteViolation: (text: string) => void }).noteViolation(`${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`)
    })
  })
  return violations
}
