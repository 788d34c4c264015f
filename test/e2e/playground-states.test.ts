import { describe, expect, it } from 'vitest'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

const THREADS = 500
/** The list shows so many at first. */
const SHOWN = 100

describe('F67: the playground tells the truth', () => {
  const at = usePlayground()

  it('about rows that are still on their way: a workspace is called empty only when it is', async () => {
    const { pages: [ann], workspaceId } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann'])
    await ann.run((db, count) => db.table('threads').bulkPut(Array.from({ length: count }, (_, index) => ({ id: `t${index}`, title: `Thread ${index}`, updated_at: index }))), THREADS)
    await expect.poll(async () => (await ann.member.storedRows(workspaceId, 'threads')).length, { timeout: 30_000 }).toBe(THREADS)

    const late = await MemberPage.open(at.browser, ann.member, undefined, async (context) => {
      await context.route('**/api/sync/{pull,subscribe*}', async (route) => {
        await new Promise(resolve => setTimeout(resolve, 1_000))
        await route.continue()
      })
    })
    await late.switchWorkspace(workspaceId)
    const seen = new Set<string>()
    await expect.poll(async () => {
      if (await late.page.getByTestId('no-threads').count()) seen.add('called empty')
      if (await late.page.getByTestId('arriving').count()) seen.add('loading')
      return await late.page.getByTestId('thread-item').count()
    }, { timeout: 60_000, interval: 50 }).toBe(SHOWN)
    expect([...seen]).toEqual(['loading'])
    await late.page.getByTestId('arriving').waitFor({ state: 'detached' })
    await late.page.getByTestId('older-threads').click()
    await expect.poll(() => late.page.getByTestId('thread-item').count()).toBe(2 * SHOWN)
    await late.visit('/notes')
    await late.page.getByTestId('no-notes').waitFor()
  })

  it('about a server that does not answer the first time', async () => {
    const dora = await MemberPage.open(at.browser, await Member.signIn(at.server.origin, 'Dora'), undefined, async (context) => {
      await context.route('**/api/sync/{pull,push,cursor,subscribe*}', route => route.abort())
    })
    // The server has rendered the first page, so it was known to be empty. What the next page shows comes from this device.
    await dora.page.getByTestId('no-threads').waitFor()
    await dora.page.getByTestId('nav-notes').click()
    await expect.poll(() => dora.page.getByTestId('arriving').textContent()).toContain('cannot be reached')
    expect(await dora.page.getByTestId('no-notes').count()).toBe(0)
    await dora.context.unroute('**/api/sync/{pull,push,cursor,subscribe*}')
    await dora.page.evaluate(() => window.dispatchEvent(new Event('online')))
    await dora.page.getByTestId('no-notes').waitFor()
  })

  it('about a message: waiting, sent, or refused with the reason, and what can be done about it', async () => {
    const { pages: [ann, bob] } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann', 'Bob'])
    await ann.run(db => db.table('threads').put({ id: 't', title: 'Thread', updated_at: 1 }), null)
    await ann.page.getByTestId('thread-item').click()
    const message = (text: string) => ann.page.getByTestId('message').filter({ hasText: text })
    const stateOf = (text: string) => message(text).getByTestId('row-state').getAttribute('data-state')

    await ann.context.setOffline(true)
    await ann.page.getByTestId('message-input').fill('Written offline')
    await ann.page.keyboard.press('Enter')
    await expect.poll(() => stateOf('Written offline')).toBe('waiting')
    await ann.context.setOffline(false)
    await expect.poll(() => stateOf('Written offline'), { timeout: 30_000 }).toBe('sent')

    await ann.run(db => db.table('messages').put({ id: 'refused', thread_id: 't', author: 'Ann', text: 'Refused', created_at: 'yesterday' }), null)
    await expect.poll(() => stateOf('Refused')).toBe('refused')
    expect(await message('Refused').getByTestId('refused').textContent()).toContain('created_at')
    expect(await message('Refused').textContent()).not.toContain('Invalid Date')
    await message('Refused').getByTestId('refused-discard').click()
    await message('Refused').waitFor({ state: 'detached' })
    expect((await bob.rows('messages')).map(({ text }) => text)).toEqual(['Written offline'])
    expect([...ann.errors, ...bob.errors]).toEqual([])
  })

  it('about a note and a thread that were refused, too', async () => {
    const { pages: [ann] } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann'])
    await ann.run(db => db.table('threads').put({ id: 't', title: 'x'.repeat(201), updated_at: 1 }), null)
    await ann.run(db => db.table('posts').put({ id: 'p', title: 'Too large', content: 'x'.repeat(300 * 1024), updated_at: 1 }), null)
    const item = ann.page.getByTestId('thread-item')
    await expect.poll(() => item.getByTestId('row-state').getAttribute('data-state')).toBe('refused')
    await item.click()
    expect(await ann.page.getByTestId('refused').textContent()).toContain('title')
    await ann.visit('/notes')
    await expect.poll(() => ann.page.getByTestId('note').getByTestId('refused').textContent()).toContain('too large')
  })

  it('about a guest, from whom nothing is ever sent', async () => {
    const page = await at.browser.newPage()
    await page.goto(at.server.origin)
    await page.waitForFunction(() => '__or3' in window)
    await page.getByTestId('continue-as-guest').click()
    await page.getByTestId('no-threads').waitFor()
    await page.getByTestId('new-thread').click()
    await page.getByTestId('message-input').fill('To myself')
    await page.keyboard.press('Enter')
    await page.getByTestId('message-text').waitFor()
    expect(await page.getByTestId('row-state').count()).toBe(0)
    await page.goto(`${at.server.origin}/`)
  })
})
