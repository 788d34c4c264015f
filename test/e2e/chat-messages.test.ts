import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'
import { collectHydrationWarnings } from '../support/hydration-warnings'

const MANY = 300

describe('the messages of a thread', () => {
  const at = usePlayground({ keepsWindows: true })
  let ann: MemberPage
  let bob: MemberPage
  let threads = 0
  let thread = ''

  beforeAll(async () => {
    const { pages } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann', 'Bob']);
    [ann, bob] = pages
  })

  beforeEach(() => { thread = `t${++threads}` })

  /** Writes the thread with these messages, a second apart, and opens it. */
  async function open(messages: { id: string, author: string, text: string, created_at?: number }[]): Promise<void> {
    await ann.run(async (db, { thread, messages }) => {
      const at = Date.now() - 60_000
      await db.table('threads').put({ id: thread, title: thread, updated_at: Date.now() })
      await db.table('messages').bulkPut(messages.map((message, index) => ({ created_at: at + index, ...message, thread_id: thread })))
    }, { thread, messages })
    await ann.page.evaluate(() => (window as unknown as { __or3: { engine: { whenIdle(): Promise<void> } } }).__or3.engine.whenIdle())
    await ann.visit(`/?thread=${thread}`)
  }

  const message = (id: string) => ann.page.locator(`[data-testid=message][data-id="${id}"]`)
  const textsOf = async (page: MemberPage) => (await page.rows('messages')).filter(row => row.thread_id === thread).map(({ text }) => text)

  it('stand in groups with one name and one time, below a line for each day', async () => {
    const [today, before] = [Date.now(), Date.now() - 3 * 24 * 3_600_000]
    await open([
      { id: `${thread}-a`, author: 'Bob', text: 'Old', created_at: before },
      { id: `${thread}-b`, author: 'Bob', text: 'One', created_at: today - 3_000 },
      { id: `${thread}-c`, author: 'Bob', text: 'Two', created_at: today - 2_000 },
      { id: `${thread}-d`, author: 'Ann', text: 'Three', created_at: today - 1_000 },
    ])
    await expect.poll(() => ann.page.getByTestId('day').count()).toBe(2)
    expect(await ann.page.getByTestId('day').last().textContent()).toContain('Today')
    const named = await ann.page.getByTestId('message').evaluateAll(all => all.map(each => /^\s*(?:Ann|Bob)/.test(each.querySelector('p[aria-hidden]')?.textContent ?? '')))
    expect(named).toEqual([true, true, false, true])
  })

  it('show Markdown, alike before and after the app runs, and never HTML', async () => {
    await open([{ id: `${thread}-a`, author: 'Bob', text: '**Bold** and <b>not bold</b>, see https://example.com' }])
    const html = await (await fetch(`${at.server.origin}/?thread=${thread}`, { headers: { cookie: `${ann.member.cookie}; or3-sync-workspace=${await workspaceOf(ann)}` } })).text()
    expect(html).toContain('<strong>Bold</strong> and &lt;b&gt;not bold&lt;/b&gt;')
    const warnings = collectHydrationWarnings(ann.page)
    await ann.reload()
    await expect.poll(() => message(`${thread}-a`).locator('strong').textContent()).toBe('Bold')
    expect(await message(`${thread}-a`).locator('a').getAttribute('rel')).toContain('noopener')
    expect(await message(`${thread}-a`).locator('b').count()).toBe(0)
    expect(warnings).toEqual([])
    await ann.page.getByTestId('message-input').fill('And *new*')
    await ann.page.keyboard.press('Enter')
    await ann.page.locator('[data-testid=message] em').getByText('new').waitFor()
  })

  it('can be edited and deleted by their author only, and a delete can be undone', async () => {
    await open([{ id: `${thread}-bob`, author: 'Bob', text: 'Of Bob' }, { id: `${thread}-ann`, author: 'Ann', text: 'Of Ann' }])
    await message(`${thread}-ann`).hover()
    expect(await message(`${thread}-bob`).getByRole('button').count()).toBe(0)
    await message(`${thread}-ann`).getByTestId('message-delete').click()
    await message(`${thread}-ann`).waitFor({ state: 'detached' })
    await expect.poll(() => textsOf(bob)).toEqual(['Of Bob'])
    await ann.page.getByTestId('toast-action').click()
    await message(`${thread}-ann`).waitFor()
    await expect.poll(async () => (await textsOf(bob)).sort()).toEqual(['Of Ann', 'Of Bob'])
  })

  it('come back with their thread when its delete is undone', async () => {
    await open([{ id: `${thread}-a`, author: 'Bob', text: 'First' }, { id: `${thread}-b`, author: 'Ann', text: 'Second' }])
    await ann.page.getByTestId('thread-delete').click()
    await expect.poll(() => textsOf(bob)).toEqual([])
    await ann.page.getByTestId('toast-action').click()
    await expect.poll(() => textsOf(bob)).toEqual(['First', 'Second'])
    expect((await bob.rows('threads')).map(({ id }) => id)).toContain(thread)
  })

  it('say why one was refused, in words, and it can be mended in its place', async () => {
    await open([{ id: `${thread}-a`, author: 'Ann', text: 'x'.repeat(20_001) }])
    const refused = message(`${thread}-a`).getByTestId('refused')
    await expect.poll(() => refused.textContent()).toContain('“text” is too long: at most 20000 characters')
    await refused.getByTestId('refused-edit').click()
    await message(`${thread}-a`).getByTestId('message-edit-input').fill('Short enough')
    await message(`${thread}-a`).getByTestId('message-edit-save').click()
    await expect.poll(() => textsOf(bob)).toEqual(['Short enough'])
    expect(await refused.count()).toBe(0)
  })

  it('are read out when others write, and not when they were there before', async () => {
    await open([{ id: `${thread}-a`, author: 'Bob', text: 'Before' }])
    expect((await ann.page.getByTestId('heard').textContent())?.trim()).toBe('')
    await bob.run((db, thread) => db.table('messages').put({ id: `${thread}-b`, thread_id: thread, author: 'Bob', text: 'News', created_at: Date.now() }), thread)
    await expect.poll(() => ann.page.getByTestId('heard').textContent()).toContain('Bob: News')
  })

  it(`are not all in the page when there are ${MANY}, and each can be reached`, async () => {
    await open(Array.from({ length: MANY }, (_, index) => ({ id: `${thread}-${index}`, author: index % 3 ? 'Ann' : 'Bob', text: `Message ${index}${index % 5 ? '' : '\n\nwith\n\nlines'}` })))
    const earlier = ann.page.getByTestId('earlier-messages')
    const count = () => ann.page.getByTestId('message').count()
    const list = ann.page.getByTestId('message-list')
    await earlier.and(ann.page.locator(':enabled')).waitFor()
    for (let shown = 50; await earlier.count() > 0 && shown < MANY; shown += 50) {
      await list.evaluate((element) => { element.scrollTop = 0 })
      await earlier.evaluate((button: HTMLElement) => button.click())
      await ann.page.waitForTimeout(300)
    }
    await earlier.waitFor({ state: 'detached' })
    await expect.poll(count).toBeLessThan(100)
    await list.evaluate((element) => { element.scrollTop = 0 })
    await message(`${thread}-0`).waitFor()
    await ann.page.getByTestId('to-end').click()
    await message(`${thread}-${MANY - 1}`).waitFor()
    await expect.poll(() => message(`${thread}-${MANY - 1}`).evaluate(element => element.getBoundingClientRect().bottom <= innerHeight)).toBe(true)
    expect(await count()).toBeLessThan(100)
    await ann.page.getByTestId('message-input').fill('One more')
    await ann.page.keyboard.press('Enter')
    await ann.page.getByTestId('message').filter({ hasText: 'One more' }).waitFor()
  })

  it('caused no uncaught error', () => {
    expect([...ann.errors, ...bob.errors]).toEqual([])
  })
})

async function workspaceOf({ page }: MemberPage): Promise<string> {
  return await page.evaluate(() => (window as unknown as { __or3: { session: { workspaceId: string } } }).__or3.session.workspaceId)
}
