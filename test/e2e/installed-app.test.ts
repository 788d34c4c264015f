import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { usePlayground } from '../support/use-playground'

describe('the installed app', () => {
  const at = usePlayground()

  it('starts while the server is away, with its rows and its user, takes edits, and sends them when the server is back', async () => {
    const { page, errors } = await openInstalled('Ann')
    await page.getByTestId('new-thread').click()
    await say(page, 'Written before')
    await page.getByTestId('sync-badge').and(page.locator('[data-state=idle]')).waitFor()
    await at.server.kill()

    await page.reload()
    await page.getByTestId('message-text').filter({ hasText: 'Written before' }).waitFor()
    await page.getByRole('button', { name: 'Ann', exact: true }).waitFor()
    await say(page, 'Written with **nobody** there')
    await page.locator('[data-testid=message] strong').getByText('nobody').waitFor()
    await page.goto(`${at.server.origin}/notes`)
    await page.getByRole('heading', { name: 'Notes', exact: true }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/notes')

    await at.server.restart()
    const bob = await Member.signIn(at.server.origin, 'Ann')
    await expect.poll(async () => (await bob.storedRows('ann', 'messages')).map(({ text }) => text).sort(), { timeout: 60_000 }).toEqual(['Written before', 'Written with **nobody** there'])
    expect(errors).toEqual([])
  })

  it('greets nobody after a sign-out, whether the server is there or not', async () => {
    const { page } = await openInstalled('Carol')
    await page.getByTestId('user-menu').click()
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
    await page.waitForURL('**/sign-in')
    await at.server.kill()
    await page.goto(`${at.server.origin}/`)
    await page.waitForURL('**/sign-in')
    await page.getByTestId('sign-in-form').waitFor()
    await at.server.restart()
  })

  it('keeps no page of the server and nothing of /api, and has a manifest with icons', async () => {
    const { page } = await openInstalled('Dora')
    for (const path of ['/notes', '/sync', '/']) {
      await page.goto(at.server.origin + path)
      await page.waitForFunction(() => '__or3' in window)
    }
    const kept = await page.evaluate(async () => {
      const caches_ = await Promise.all((await caches.keys()).map(name => caches.open(name)))
      const entries = await Promise.all(caches_.map(async cache => await Promise.all((await cache.keys()).map(async ({ url }) => [new URL(url).pathname, (await (await cache.match(url))?.text()) ?? ''] as const))))
      return entries.flat()
    })
    expect(kept.map(([path]) => path).filter(path => !/^\/(?:_nuxt\/.*|app-shell|[\w-]+\.(?:png|svg|webmanifest))$/.test(path))).toEqual([])
    const shell = kept.find(([path]) => path === '/app-shell')![1]
    expect(shell).toContain('<script')
    expect(shell).not.toMatch(/dora/i)

    const manifest = await (await fetch(`${at.server.origin}/manifest.webmanifest`)).json() as { display: string, icons: { src: string }[] }
    expect(manifest.display).toBe('standalone')
    for (const { src } of manifest.icons) expect((await fetch(at.server.origin + src)).status).toBe(200)
    // Pages of the server come from the server: the rows are in the HTML.
    expect(await page.evaluate(async () => (await (await fetch('/sign-in')).text()).includes('__NUXT_DATA__'))).toBe(true)
  })

  async function openInstalled(name: string): Promise<MemberPage> {
    const opened = await MemberPage.open(at.browser, await Member.signIn(at.server.origin, name))
    await opened.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    return opened
  }
})

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId('message-input').fill(text)
  await page.keyboard.press('Enter')
  await page.getByTestId('message').last().waitFor()
}
