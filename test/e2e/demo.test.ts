import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SessionResponse } from '#or3-sync/shared/sync/protocol/types'
import { Member } from '../support/member'
import { usePlayground } from '../support/use-playground'

const signIn = (origin: string) => fetch(`${origin}/api/auth/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}' })

describe('F19: a built server that is not said to be a demo', () => {
  const at = usePlayground()

  it('lets nobody in by name alone, and says on the page, in the answer and in the log how to switch it on', async () => {
    const before = await Member.signIn(at.server.origin, 'Before')
    await at.server.restart({ OR3_PLAYGROUND_DEMO: '' })
    const page = await at.browser.newPage()
    await page.goto(at.server.origin)
    await expect.poll(() => page.getByTestId('demo-off').textContent()).toContain('OR3_PLAYGROUND_DEMO=true')
    expect([await page.getByTestId('sign-in-name').count(), await page.getByTestId('sign-in-submit').count()]).toEqual([0, 0])

    const reply = await signIn(at.server.origin)
    expect([reply.status, reply.headers.getSetCookie()]).toEqual([403, []])
    expect((await reply.json() as { message: string }).message).toContain('OR3_PLAYGROUND_DEMO=true')
    expect(at.server.stderr()).toMatch(/^\{.*"level":"warn".*OR3_PLAYGROUND_DEMO=true/m)

    const session = await fetch(`${at.server.origin}/api/sync/session`, { headers: { cookie: before.cookie } })
    expect(await session.json() as SessionResponse, 'a session had for a name counts no more').toMatchObject({ status: 'unauthenticated' })
    await expect(before.createWorkspace('Mine')).rejects.toThrow('401')
  })

  it('is a notebook of this device for guests', async () => {
    await at.server.restart({ OR3_PLAYGROUND_DEMO: 'false' })
    const page = await at.browser.newPage()
    await page.goto(at.server.origin)
    await page.waitForFunction(() => '__or3' in window)
    await page.getByTestId('continue-as-guest').click()
    await page.getByTestId('new-thread').click()
    await page.getByTestId('message-input').waitFor()
  })

  it('says in a demo that there are no passwords', async () => {
    await at.server.restart()
    const page = await at.browser.newPage()
    await page.goto(at.server.origin)
    await page.getByTestId('demo-notice').getByText('without passwords').waitFor()
    expect((await signIn(at.server.origin)).status).toBe(200)
  })
})

describe('the sign-in page', () => {
  const at = usePlayground()

  it('takes a name that was typed before the app ran', async () => {
    const page = await at.browser.newPage()
    let run = () => {}
    const typed = new Promise<void>((resolve) => { run = resolve })
    await page.route('**/_nuxt/**', async (route) => {
      if (route.request().resourceType() === 'script') await typed
      await route.continue()
    })
    await page.goto(`${at.server.origin}/sign-in`, { waitUntil: 'commit' })
    await page.getByTestId('sign-in-name').fill('Ann')
    run()
    await page.getByTestId('sign-in-submit').click()
    await page.getByTestId('new-thread').waitFor()
  })
})

describe('F18: a page of another site', () => {
  const at = usePlayground()
  let site: Server
  let siteOrigin: string
  beforeAll(async () => {
    site = createServer((_, response) => response.setHeader('content-type', 'text/html').end(FORMS(at.server.origin)))
    await new Promise<void>(resolve => site.listen(0, '127.0.0.1', resolve))
    siteOrigin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  })
  afterAll(() => site.close())

  it.each(['urlencoded', 'multipart', 'text'])('signs nobody in with a form (%s)', async (form) => {
    const page = await at.browser.newPage()
    await page.goto(siteOrigin)
    const answered = page.waitForResponse('**/api/auth/sign-in')
    await page.locator(`#${form}`).evaluate(element => (element as HTMLFormElement).submit())
    expect((await answered).status()).toBe(403)
    expect(await page.context().cookies()).toEqual([])
  })

  it('changes nothing with the cookies of somebody who is signed in', async () => {
    const ann = await Member.signIn(at.server.origin, 'Ann')
    const context = await at.browser.newContext()
    const [name, value] = ann.cookie.split(/=(.*)/s) as [string, string]
    await context.addCookies([{ name, value, url: at.server.origin }])
    for (const form of ['workspace', 'sign-out']) {
      const page = await context.newPage()
      await page.goto(siteOrigin)
      const answered = page.waitForResponse('**/api/**')
      await page.locator(`#${form}`).evaluate(element => (element as HTMLFormElement).submit())
      expect((await answered).status(), form).toBe(403)
    }
    const session = await (await fetch(`${at.server.origin}/api/sync/session`, { headers: { cookie: ann.cookie } })).json() as SessionResponse
    expect(session.workspaces.map(({ id }) => id)).toEqual(['ann'])
    // The page that tells of the refusal is one of the app, which notes its workspace in a cookie of its own.
    expect((await context.cookies()).find(cookie => cookie.name === name)?.value).toBe(value)
  })
})

const FORMS = (origin: string) => `
<form id="urlencoded" method="post" action="${origin}/api/auth/sign-in"><input name="name" value="Mallory"></form>
<form id="multipart" method="post" enctype="multipart/form-data" action="${origin}/api/auth/sign-in"><input name="name" value="Mallory"></form>
<form id="text" method="post" enctype="text/plain" action="${origin}/api/auth/sign-in"><input name='{"name":"Mallory","x":"' value='"}'></form>
<form id="workspace" method="post" action="${origin}/api/workspaces"><input name="name" value="Mine now"></form>
<form id="sign-out" method="post" action="${origin}/api/auth/sign-out"></form>
`
