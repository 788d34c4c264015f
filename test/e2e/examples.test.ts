import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ExampleApp } from '../support/example-app'
import { launchChromium } from '../support/launch-chromium'

const MINUTE = 60_000

/** The example, built, its server and a browser. */
function useExample(name: string) {
  const at = {} as { app: ExampleApp, origin: string, browser: Browser }
  beforeAll(async () => {
    at.app = await ExampleApp.copy(name)
    await at.app.build()
    at.origin = await at.app.start()
    at.browser = await launchChromium()
  }, 10 * MINUTE)
  afterAll(async () => {
    await at.browser?.close()
    await at.app?.remove()
  })
  return at
}

const listed = (page: Page) => page.locator('li').allInnerTexts()

describe('examples/minimal', () => {
  const at = useExample('minimal')

  it('has no type errors', async () => {
    expect(await at.app.typeErrors()).toBe('')
  }, MINUTE)

  it('syncs two browsers, also what one of them writes offline', async () => {
    const [one, two] = await Promise.all([at.browser.newPage(), at.browser.newPage()])
    await Promise.all([one.goto(at.origin), two.goto(at.origin)])
    await expect.poll(() => one.getByRole('status').textContent()).toContain('idle')

    await one.getByLabel('What is to be done').fill('Read the docs')
    await one.getByRole('button', { name: 'Add' }).click()
    await expect.poll(() => listed(two)).toEqual([expect.stringContaining('Read the docs')])

    await two.context().setOffline(true)
    await two.getByRole('checkbox').check()
    await expect.poll(() => two.getByRole('status').textContent()).toContain('1 to send')
    expect(await one.getByRole('checkbox').isChecked()).toBe(false)
    await two.context().setOffline(false)
    await expect.poll(() => one.getByRole('checkbox').isChecked()).toBe(true)

    await one.getByRole('button', { name: 'Delete Read the docs' }).click()
    await expect.poll(() => listed(two)).toEqual([])
  })
})

describe('examples/existing-dexie', () => {
  const at = useExample('existing-dexie')

  it('has no type errors', async () => {
    expect(await at.app.typeErrors()).toBe('')
  }, MINUTE)

  it('moves the rows of two devices, which gave out the same keys, and removes the old databases', async () => {
    const [one, two] = await Promise.all([oldDevice(['Apples', 'Bread']), oldDevice(['Cheese'])])
    await one.goto(at.origin)
    await expect.poll(() => listed(one)).toHaveLength(2)
    await two.goto(at.origin)
    for (const page of [one, two]) {
      await expect.poll(async () => (await listed(page)).map(text => text.trim()).sort()).toEqual(['Apples, 2026-01-01', 'Bread, 2026-01-02', 'Cheese, 2026-01-01'])
      await expect.poll(() => databases(page)).not.toContain('shopping')
    }
    await one.reload()
    await expect.poll(() => listed(one)).toHaveLength(3)
  })

  it('goes on where it was interrupted, and leaves what has changed since as it is', async () => {
    const page = await oldDevice(['Dates', 'Eggs'])
    const blocked = await page.context().newPage()
    // An open connection keeps the old database from being removed: what a crash between the two steps leaves behind.
    await blocked.goto(`${at.origin}/old`)
    await blocked.evaluate(() => new Promise<void>((resolve) => {
      const request = indexedDB.open('shopping')
      request.onsuccess = () => { Object.assign(window, { kept: request.result }); resolve() }
    }))
    await page.goto(at.origin)
    await expect.poll(() => listed(page)).toHaveLength(5)
    await page.getByLabel('Eggs').check()
    const other = await (await at.browser.newContext()).newPage()
    await other.goto(at.origin)
    await expect.poll(() => other.getByLabel('Eggs').isChecked()).toBe(true)
    await page.goto('about:blank')
    await blocked.close()

    await page.goto(at.origin)
    await expect.poll(() => databases(page)).not.toContain('shopping')
    await expect.poll(() => listed(page)).toHaveLength(5)
    await expect.poll(() => page.getByLabel('Eggs').isChecked()).toBe(true)
    expect(await listed(other)).toHaveLength(5)
  })

  /** A browser in which the app of before has kept these items. Dexie's version 1 is IndexedDB's 10. */
  async function oldDevice(names: string[]): Promise<Page> {
    const page = await (await at.browser.newContext()).newPage()
    await page.context().route('**/old', route => route.fulfill({ contentType: 'text/html', body: '<title>the app of before</title>' }))
    await page.goto(`${at.origin}/old`)
    await page.evaluate(names => new Promise<void>((resolve, reject) => {
      const request = indexedDB.open('shopping', 10)
      request.onupgradeneeded = () => {
        const items = request.result.createObjectStore('items', { keyPath: 'id', autoIncrement: true })
        items.createIndex('list', 'list')
        names.forEach((name, index) => items.add({ list: 'groceries', name, bought: false, added: new Date(Date.UTC(2026, 0, 1 + index)) }))
      }
      request.onsuccess = () => { request.result.close(); resolve() }
      request.onerror = () => reject(request.error!)
    }), names)
    return page
  }

  const databases = (page: Page) => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))
})
