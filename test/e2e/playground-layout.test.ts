import { beforeAll, describe, expect, it } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import type { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

const SIZES = [{ width: 1280, height: 720 }, { width: 768, height: 1024 }, { width: 390, height: 844 }]
const LONG_WORD = 'Donaudampfschifffahrt'.repeat(20)

describe('F67: the playground with 30 messages', () => {
  const at = usePlayground({ keepsWindows: true })
  let ann: MemberPage
  let bob: MemberPage

  beforeAll(async () => {
    const { pages } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann', 'Bob']);
    [ann, bob] = pages
    await ann.run(async (db, word) => {
      const at = Date.now() - 100_000
      await db.table('threads').bulkPut(Array.from({ length: 40 }, (_, index) => ({ id: `t${index}`, title: index ? `Thread ${index}` : `Thread ${word}`.slice(0, 200), updated_at: at - index })))
      await db.table('messages').bulkPut(Array.from({ length: 30 }, (_, index) => ({ id: `m${index}`, thread_id: 't0', author: index % 2 ? 'Ann' : 'Bob', text: index === 20 ? word : `Message ${index}`, created_at: at + index })))
      await db.table('posts').bulkPut(Array.from({ length: 12 }, (_, index) => ({ id: `p${index}`, title: `Note ${index}`, content: index === 1 ? word : 'Some text', updated_at: at - index })))
    }, LONG_WORD)
  })

  describe.each(SIZES)('at $width x $height', ({ width, height }) => {
    beforeAll(async () => {
      await ann.page.setViewportSize({ width, height })
      await ann.visit('/')
      await ann.page.locator('[data-testid=thread-item][data-id=t0]').click()
      await ann.page.getByTestId('message').last().waitFor()
    })

    it('scrolls the messages, never the document, and keeps the composer in the window', async () => {
      await expectInWindow(ann.page)
      await expectSeen(ann.page.getByTestId('message-input'))
      await expectSeen(ann.page.getByTestId('message-send'))
      await expectSeen(ann.page.getByTestId('message').last())
      expect(await overflowOf(ann.page.getByTestId('message-list'))).toBeGreaterThan(100)
    })

    it('shows what is sent, and goes on in the field it was typed in', async () => {
      for (const [how, send] of [['Enter', () => ann.page.keyboard.press('Enter')], ['button', () => ann.page.getByTestId('message-send').click()]] as const) {
        await ann.page.getByTestId('message-input').fill(`Sent by ${how} at ${width}`)
        await send()
        const sent = ann.page.getByTestId('message').filter({ hasText: `Sent by ${how} at ${width}` })
        await sent.waitFor()
        await expectSeen(sent)
        expect(await ann.page.getByTestId('message-input').evaluate(field => field === document.activeElement)).toBe(true)
      }
    })

    it('grows the composer with its text, and no further than the window', async () => {
      await ann.page.getByTestId('message-input').fill(Array.from({ length: 30 }, (_, line) => `Line ${line}`).join('\n'))
      await expectInWindow(ann.page)
      await expectSeen(ann.page.getByTestId('message-input'))
      await expectSeen(ann.page.getByTestId('message').last())
      await ann.page.getByTestId('message-input').fill('')
    })

    it('leaves who reads older messages where they are, and tells of new ones', async () => {
      const list = ann.page.getByTestId('message-list')
      await list.evaluate((element) => { element.scrollTop = 0 })
      await ann.page.getByTestId('to-end').waitFor()
      await bob.run((db, id) => db.table('messages').put({ id, thread_id: 't0', author: 'Bob', text: `News ${id}`, created_at: Date.now() }), `news-${width}`)
      await expect.poll(() => ann.page.getByTestId('to-end').textContent()).toContain('1 new')
      expect(await list.evaluate(element => element.scrollTop)).toBe(0)
      await ann.page.getByTestId('to-end').click()
      await expectSeen(ann.page.getByTestId('message').last())
      await ann.page.getByTestId('to-end').waitFor({ state: 'detached' })
    })

    it('has room for a long word wherever it stands', async () => {
      for (const path of ['/notes', '/sync', '/']) {
        await ann.visit(path)
        await expectInWindow(ann.page)
      }
    })
  })
})

/** The document itself does not scroll, in no direction. */
async function expectInWindow(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement
    return { across: scrollWidth - innerWidth, down: scrollHeight - innerHeight }
  })).toEqual({ across: 0, down: 0 })
}

/** The whole of it is inside the window, and nothing lies over its middle. */
async function expectSeen(element: Locator): Promise<void> {
  await expect.poll(() => element.evaluate((node) => {
    const { top, bottom, left, right } = node.getBoundingClientRect()
    const inside = top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth
    const onTop = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
    return inside && (node.contains(onTop) || Boolean(onTop?.contains(node)))
  })).toBe(true)
}

/** How much more there is than is shown, in pixels. */
async function overflowOf(list: Locator): Promise<number> {
  return await list.evaluate(element => element.scrollHeight - element.clientHeight)
}
