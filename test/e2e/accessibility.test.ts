import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { usePlayground } from '../support/use-playground'

const SIZES = [{ width: 390, height: 844 }, { width: 1440, height: 900 }]
const MODES = ['light', 'dark'] as const
const PATHS = ['/', '/?thread=t', '/notes', '/two-devices', '/sync']

describe('the playground, for people with a screen reader or a keyboard', () => {
  const at = usePlayground({ keepsWindows: true })
  let ann: MemberPage
  let source: string

  beforeAll(async () => {
    source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    ann = await MemberPage.open(at.browser, await Member.signIn(at.server.origin, 'Ann'))
    await ann.run(async (db) => {
      const at = Date.now() - 3_600_000
      await db.table('threads').bulkPut([{ id: 't', title: 'A thread', created_by: 'Bob', updated_at: at }, { id: 'refused', title: 'x'.repeat(201), updated_at: at }])
      await db.table('messages').bulkPut(['Plain', '**Bold**, `code` and https://example.com', '```\ncode\n```\n\n> quote\n\n1. one\n\n| a | b |\n|---|---|\n| 1 | 2 |'].flatMap((text, index) => ['Ann', 'Bob'].map(author => ({ id: `${author}${index}`, thread_id: 't', author, text, created_at: at + index }))))
      await db.table('messages').put({ id: 'refused', thread_id: 't', author: 'Ann', text: 'Refused', created_at: Date.now(), edited_at: 'yesterday' })
      await db.table('posts').bulkPut(['amber', 'sky', 'emerald', 'rose', 'violet'].map((color, index) => ({ id: color, title: color, content: 'Text', color, pinned: index === 0, updated_at: at })))
      await db.table('todos').bulkPut([{ id: 'a', text: 'Open', created_at: 1 }, { id: 'b', text: 'Done', done: true, created_at: 2 }])
      const side = (title: string) => ({ op: 'put', row: { id: 'amber', title, content: 'Text' }, clock: 2, hlc: '0', opId: title })
      await db.table('sync_conflicts').put({ id: 'c', tableName: 'posts', pk: 'amber', winner: 'remote', local: side('One title'), remote: side('Another title'), detectedAt: at })
      await db.table('sync_notifications').put({ id: 'n', type: 'conflict', title: 'A conflict', body: 'Two edits have met', read: 0, createdAt: at })
    }, null)
    await ann.page.getByTestId('failed-count').waitFor()
  })

  async function violationsOf(page: Page): Promise<string[]> {
    await page.evaluate(source)
    const found = await page.evaluate(async () => await (window as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }))
    return found.violations.flatMap(({ id, impact, nodes }) => nodes.map(node => `${impact} ${id}: ${node.html.slice(0, 200)} ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`))
  }

  describe.each(MODES)('%s', (colorScheme) => {
    it.each(PATHS)('has nothing that axe finds on %s, at any level, narrow and wide', async (path) => {
      await ann.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const size of SIZES) {
        await ann.page.setViewportSize(size)
        await ann.visit(path)
        await untilShown(ann.page, path)
        expect(await violationsOf(ann.page), `${size.width} px`).toEqual([])
      }
    })

    it('has nothing that axe finds on the sign-in page', async () => {
      const page = await at.browser.newPage({ colorScheme })
      await page.goto(`${at.server.origin}/sign-in`)
      await page.waitForFunction(() => '__or3' in window)
      expect(await violationsOf(page)).toEqual([])
      await page.context().close()
    })

    it.each(['user-menu', 'workspace-menu', 'people-menu', 'notification-bell'])('has nothing that axe finds with the %s open', async (button) => {
      await ann.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await ann.visit('/notes')
      await ann.page.getByTestId(button).click()
      await ann.page.waitForTimeout(300)
      expect(await violationsOf(ann.page)).toEqual([])
    })
  })

  it.each(PATHS)('has one h1 and a title of its own on %s', async (path) => {
    await ann.visit(path)
    await untilShown(ann.page, path)
    expect(await ann.page.locator('h1').count()).toBe(1)
    const title = await ann.page.title()
    expect(title).toMatch(/^(?:Chat|A thread|Notes|Two devices|Sync) · or3-sync playground$/)
  })

  it('opens a menu by keyboard, walks through it, and closes it with the focus where it was', async () => {
    await ann.visit('/notes')
    await ann.page.getByTestId('user-menu').focus()
    await ann.page.keyboard.press('Enter')
    const focused = () => ann.page.evaluate(() => document.activeElement?.textContent?.trim())
    await expect.poll(focused).toBe('Bring in guest data')
    await ann.page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('Sign out')
    await ann.page.keyboard.press('End')
    expect(await focused()).toBe('Sign out and wipe this device')
    await ann.page.keyboard.press('Escape')
    expect(await ann.page.evaluate(() => (document.activeElement as HTMLElement).dataset.testid)).toBe('user-menu')
  })

  it('shows where the focus is, on everything that Tab reaches', async () => {
    for (const path of PATHS) {
      await ann.visit(path)
      await untilShown(ann.page, path)
      const reached = new Set<string>()
      for (let step = 0; step < 60; step++) {
        await ann.page.keyboard.press('Tab')
        const at = await ann.page.evaluate(() => {
          const element = document.activeElement as HTMLElement
          const style = getComputedStyle(element)
          const isShown = (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'
          return element === document.body ? null : { name: element.outerHTML.slice(0, 120), isShown }
        })
        if (!at || reached.has(at.name)) break
        reached.add(at.name)
        expect(at.isShown, `${path}: ${at.name}`).toBe(true)
      }
      expect(reached.size, path).toBeGreaterThan(5)
    }
  })

  it('is light or dark as the user says, also after a reload', async () => {
    await ann.page.emulateMedia({ colorScheme: 'light' })
    await ann.visit('/notes')
    const isDark = () => ann.page.evaluate(() => document.documentElement.classList.contains('dark'))
    expect(await isDark()).toBe(false)
    await ann.page.getByTestId('theme').click()
    await expect.poll(isDark).toBe(true)
    await ann.reload()
    expect(await isDark()).toBe(true)
  })
})

async function untilShown(page: Page, path: string): Promise<void> {
  const last = { '/': 'thread-item', '/?thread=t': 'refused', '/notes': 'note', '/two-devices': 'todo', '/sync': 'conflict' }[path]!
  await page.getByTestId(last).first().waitFor()
  // What appears late, has appeared.
  await page.waitForTimeout(600)
}
