import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import type { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

describe('F67: what somebody types', () => {
  const at = usePlayground({ keepsWindows: true })
  let ann: MemberPage
  let bob: MemberPage

  beforeAll(async () => {
    const { pages } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann', 'Bob']);
    [ann, bob] = pages
  })

  const put = (page: MemberPage, table: string, row: object) => page.run((db, { table, row }) => db.table(table).put(row), { table, row })
  const edit = (page: MemberPage, table: string, id: string, fields: object) => page.run((db, { table, id, fields }) => db.table(table).update(id, fields), { table, id, fields })
  const rowOf = async (page: MemberPage, table: string, id: string) => (await page.rows(table)).find(row => row.id === id)

  describe('into a note', () => {
    let id = ''
    let notes = 0
    beforeEach(async () => {
      id = `note-${++notes}`
      await put(bob, 'posts', { id: `${id}-other`, title: 'Another', content: '', updated_at: notes })
      await put(bob, 'posts', { id, title: 'Title', content: 'Before', updated_at: notes })
      await ann.visit('/notes')
      await ann.page.locator(`[data-id="${id}"]`).waitFor()
    })
    const content = () => ann.page.locator(`[data-id="${id}"] [data-testid=note-content]`)
    const title = () => ann.page.locator(`[data-id="${id}"] [data-testid=note-title]`)
    const theirs = () => ann.page.locator(`[data-id="${id}"] [data-testid=note-theirs]`)
    const isWriting = () => content().evaluate(field => field === document.activeElement)

    it('stays when anybody edits any other note, or another field of this one, and is never moved away', async () => {
      await content().click()
      await ann.page.keyboard.press('End')
      await ann.page.keyboard.type(', half a')
      await edit(bob, 'posts', `${id}-other`, { content: 'by Bob', updated_at: Date.now() + 1_000 })
      await edit(bob, 'posts', id, { title: 'Bob\'s title', color: 'rose', updated_at: Date.now() + 2_000 })
      await expect.poll(() => title().inputValue()).toBe('Bob\'s title')
      expect([await content().inputValue(), await isWriting()]).toEqual(['Before, half a', true])
      await ann.page.keyboard.type(' sentence')
      await expect.poll(() => rowOf(bob, 'posts', id)).toMatchObject({ title: 'Bob\'s title', content: 'Before, half a sentence', color: 'rose' })
      expect([await content().inputValue(), await isWriting()]).toEqual(['Before, half a sentence', true])
      expect(await theirs().count()).toBe(0)
    })

    it.each([['keep', 'mine'], ['take', 'theirs']])('stays when somebody else edits the same text, which is offered beside it: %s %s', async (verb, whose) => {
      await content().fill('Mine')
      await edit(bob, 'posts', id, { content: 'Theirs', updated_at: Date.now() })
      await expect.poll(() => theirs().textContent()).toContain('Theirs')
      expect(await content().inputValue()).toBe('Mine')
      // Nothing is written over what nobody has looked at, whatever else is typed.
      await content().press('End')
      await ann.page.keyboard.type(' and more')
      await title().fill('Saved after it')
      await expect.poll(() => rowOf(bob, 'posts', id)).toMatchObject({ title: 'Saved after it', content: 'Theirs' })

      await ann.page.locator(`[data-id="${id}"] [data-testid=note-${verb}-${whose}]`).click()
      const chosen = whose === 'mine' ? 'Mine and more' : 'Theirs'
      await expect.poll(() => content().inputValue()).toBe(chosen)
      await expect.poll(() => rowOf(bob, 'posts', id)).toMatchObject({ content: chosen })
      expect(await theirs().count()).toBe(0)
    })

    it('outlives a reload that comes before it is saved, and is saved then', async () => {
      await content().fill('Typed a moment ago')
      await ann.reload()
      await expect.poll(() => content().inputValue()).toBe('Typed a moment ago')
      await expect.poll(() => rowOf(bob, 'posts', id)).toMatchObject({ content: 'Typed a moment ago' })
    })

    it('outlives a reload together with the question whose text it shall be', async () => {
      await content().fill('Mine')
      await edit(bob, 'posts', id, { content: 'Theirs', updated_at: Date.now() })
      await theirs().waitFor()
      await ann.reload()
      await theirs().waitFor()
      expect(await content().inputValue()).toBe('Mine')
    })

    it('is saved when the page is left for another', async () => {
      await title().fill('New title')
      await ann.page.getByTestId('nav-chat').click()
      await expect.poll(() => rowOf(bob, 'posts', id)).toMatchObject({ title: 'New title', content: 'Before' })
    })

    it('can be brought back when the note is deleted elsewhere', async () => {
      // Without a pause: nothing is saved before the note is gone.
      await content().evaluate((field: HTMLTextAreaElement) => {
        const timer = setInterval(() => {
          if (!field.isConnected) return clearInterval(timer)
          field.value += ' and more'
          field.dispatchEvent(new Event('input'))
        }, 100)
      })
      await expect.poll(() => content().inputValue()).toContain('and more')
      await bob.run((db, id) => db.table('posts').delete(id), id)
      await ann.page.getByRole('button', { name: 'Bring it back' }).click()
      await expect.poll(async () => (await rowOf(bob, 'posts', id))?.content).toContain('and more')
    })

    it('follows the others where nothing is typed, also with the focus in it', async () => {
      await content().click()
      await edit(bob, 'posts', id, { content: 'by Bob' })
      await expect.poll(() => content().inputValue()).toBe('by Bob')
    })
  })

  describe('into a message', () => {
    const input = () => ann.page.getByTestId('message-input')
    const thread = (id: string) => ann.page.locator(`[data-testid=thread-item][data-id="${id}"]`)
    const open = async (id: string) => {
      await thread(id).click()
      await thread(id).and(ann.page.locator('[aria-current=true]')).waitFor()
    }

    beforeEach(async () => {
      for (const id of ['one', 'two']) await put(ann, 'threads', { id, title: `Thread ${id}`, updated_at: 1 })
      await ann.visit('/')
      await open('one')
    })

    it('stays with its thread: others are looked at, messages come in, the page is loaded again', async () => {
      await input().fill('For thread one')
      await put(bob, 'messages', { id: 'incoming', thread_id: 'one', author: 'Bob', text: 'Are you there?', created_at: Date.now() })
      await ann.page.getByTestId('message-text').getByText('Are you there?').waitFor()
      expect(await input().inputValue()).toBe('For thread one')
      await open('two')
      await expect.poll(() => input().inputValue()).toBe('')
      await input().fill('For thread two')
      await ann.reload()
      for (const id of ['one', 'two']) {
        await open(id)
        await expect.poll(() => input().inputValue()).toBe(`For thread ${id}`)
      }
      await ann.page.getByTestId('message-send').click()
      await ann.page.getByTestId('message-text').filter({ hasText: 'For thread two' }).waitFor()
      await ann.reload()
      await open('two')
      expect(await input().inputValue()).toBe('')
    })

    it('is there for its writer alone: not in another workspace, and not for the next user', async () => {
      await input().fill('A secret')
      const { id } = await ann.member.post<{ id: string }>('/api/workspaces', { name: 'Other' })
      const before = await workspaceOf(ann.page)
      await ann.page.evaluate(() => (window as unknown as { __or3: { session: { refresh(): Promise<void> } } }).__or3.session.refresh())
      await ann.switchWorkspace(id)
      expect(await input().count(), 'a thread of another workspace is not here').toBe(0)
      await put(ann, 'threads', { id: 'one', title: 'The same id', updated_at: 1 })
      await open('one')
      expect(await input().inputValue()).toBe('')
      await ann.switchWorkspace(before)
      await open('one')
      await expect.poll(() => input().inputValue()).toBe('A secret')
    })

    it('that is edited keeps its lines, and outlives news and a reload', async () => {
      await put(ann, 'messages', { id: 'lines', thread_id: 'one', author: 'Ann', text: 'First\nSecond', created_at: Date.now() })
      const lines = ann.page.locator('[data-id=lines]')
      await lines.hover()
      await lines.getByTestId('message-edit').click()
      const field = lines.getByTestId('message-edit-input')
      expect(await field.inputValue()).toBe('First\nSecond')
      await field.press('End')
      await ann.page.keyboard.type('!')
      await put(bob, 'messages', { id: 'news', thread_id: 'one', author: 'Bob', text: 'News', created_at: Date.now() })
      await ann.page.getByTestId('message-text').getByText('News').waitFor()
      await ann.reload()
      await open('one')
      expect(await field.inputValue()).toBe('First\nSecond!')
      await lines.getByTestId('message-edit-save').click()
      await expect.poll(() => rowOf(bob, 'messages', 'lines')).toMatchObject({ text: 'First\nSecond!' })
    })

    it('that is deleted elsewhere while it is edited goes into the message box', async () => {
      await put(ann, 'messages', { id: 'doomed', thread_id: 'one', author: 'Ann', text: 'Doomed', created_at: Date.now() })
      await expect.poll(() => rowOf(bob, 'messages', 'doomed')).toBeTruthy()
      const doomed = ann.page.locator('[data-id=doomed]')
      await doomed.hover()
      await doomed.getByTestId('message-edit').click()
      await doomed.getByTestId('message-edit-input').fill('Worth keeping')
      await bob.run(db => db.table('messages').delete('doomed'), null)
      await expect.poll(() => input().inputValue()).toContain('Worth keeping')
      await input().fill('')
    })

    it('is not sent by the Enter that ends a composition, nor when it is too long', async () => {
      await input().fill('にほん')
      await input().dispatchEvent('keydown', { key: 'Enter', isComposing: true })
      expect(await input().inputValue()).toBe('にほん')
      await input().fill('x'.repeat(20_001))
      await ann.page.getByTestId('message-too-long').waitFor()
      expect(await ann.page.getByTestId('message-send').isDisabled()).toBe(true)
      await input().press('Enter')
      expect(await input().inputValue()).toHaveLength(20_001)
      await input().fill('')
    })

    it('can still be read when its thread is deleted elsewhere', async () => {
      await put(ann, 'threads', { id: 'short', title: 'Short-lived', updated_at: 2 })
      await expect.poll(() => rowOf(bob, 'threads', 'short')).toBeTruthy()
      await open('short')
      await input().fill('Half a thought')
      await bob.run(db => db.table('threads').delete('short'), null)
      await ann.page.getByTestId('thread-gone').waitFor()
      expect([await input().inputValue(), await ann.page.getByTestId('message-send').isDisabled()]).toEqual(['Half a thought', true])
    })

    it('as a title is left as it was by Escape', async () => {
      await ann.page.getByTestId('thread-rename').click()
      await ann.page.getByTestId('thread-title-input').fill('Never mind')
      await ann.page.keyboard.press('Escape')
      await ann.page.getByTestId('thread-title').waitFor()
      expect(await rowOf(ann, 'threads', 'one')).toMatchObject({ title: 'Thread one' })
    })
  })
})

function workspaceOf(page: Page): Promise<string> {
  return page.evaluate(() => (window as unknown as { __or3: { session: { workspaceId: string } } }).__or3.session.workspaceId)
}
