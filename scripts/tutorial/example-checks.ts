import type { Page } from 'playwright-core'
import type { TutorialWindows } from './browser-checks.ts'
import { until } from './until.ts'

/** What the reader of an example looks at, by the names in the comments of its README. */
export const EXAMPLE_CHECKS: Record<string, (windows: TutorialWindows) => Promise<void>> = {
  'minimal': async (windows) => {
    const [{ page: first }, { context, page: second }] = await windows.open()
    await first.getByLabel('What is to be done').fill('Read the docs')
    await first.getByRole('button', { name: 'Add' }).click()
    await lists(second, ['Read the docs'])
    await context.setOffline(true)
    await second.getByRole('checkbox').check()
    await second.getByRole('status').getByText('1 to send').waitFor()
    await context.setOffline(false)
    await until('the first browser shows that the todo is done', () => first.getByRole('checkbox').isChecked())
  },
  'old-rows': async (windows) => {
    const [{ page: first }, { page: second }] = await windows.open(keepOldRows)
    await Promise.all([first, second].map(page => lists(page, ['Apples', 'Apples', 'Bread', 'Bread'])))
    for (const page of [first, second]) await until('the old database is removed', async () => !(await page.evaluate(() => indexedDB.databases())).some(({ name }) => name === 'shopping'))
  },
}

/** Waits until the page lists items that begin with these words, in this order or another. */
async function lists(page: Page, titles: string[]): Promise<void> {
  await until(`the list shows ${titles.join(', ')}`, async () => {
    const shown = (await page.locator('li').allInnerTexts()).map(text => text.trim()).sort()
    return shown.length === titles.length && titles.every((title, index) => shown[index]!.startsWith(title))
  })
}

/** What the app of before has left in a browser. Dexie's version 1 is IndexedDB's 10. */
async function keepOldRows(page: Page, origin: string): Promise<void> {
  await page.route('**/before', route => route.fulfill({ contentType: 'text/html', body: '<title>the app of before</title>' }))
  await page.goto(`${origin}/before`)
  await page.evaluate(() => new Promise<void>((resolve, reject) => {
    const request = indexedDB.open('shopping', 10)
    request.onupgradeneeded = () => {
      const items = request.result.createObjectStore('items', { keyPath: 'id', autoIncrement: true })
      items.createIndex('list', 'list')
      for (const name of ['Apples', 'Bread']) items.add({ list: 'groceries', name, bought: false, added: new Date(Date.UTC(2026, 0, 1)) })
    }
    request.onsuccess = () => {
      request.result.close()
      resolve()
    }
    request.onerror = () => reject(request.error!)
  }))
}
