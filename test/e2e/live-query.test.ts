import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setup, url } from '@nuxt/test-utils/e2e'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../support/launch-chromium'

describe('F53: useLiveQuery in a browser', async () => {
  await setup({
    rootDir: fileURLToPath(new URL('../fixtures/todo-app', import.meta.url)),
    browser: false,
    env: { OR3_SYNC_SQLITE_PATH: join(tmpdir(), `or3-live-query-${randomUUID()}.sqlite`) },
  })
  let browser: Browser

  beforeAll(async () => { browser = await launchChromium() })
  afterEach(async () => { await Promise.all(browser.contexts().map(context => context.close())) })
  afterAll(async () => { await browser?.close() })

  async function open(path: string) {
    const page = await browser.newPage({ extraHTTPHeaders: { 'x-user': randomUUID() } })
    const thrown: string[] = []
    page.on('pageerror', error => thrown.push(String(error)))
    await page.goto(url(path))
    const shows = async () => ({ titles: await page.locator('#titles').textContent(), loading: await page.locator('#loading').textContent(), error: await page.locator('#error').textContent() })
    await expect.poll(shows).toMatchObject({ loading: 'false' })
    return { page, thrown, shows }
  }

  it('reports what a querier throws as itself, and runs it again when its rows change, also after a first run that threw', async () => {
    const { page, thrown, shows } = await open('/')
    await page.click('#spoil')
    await expect.poll(() => thrown).toEqual(['RangeError: a title is empty'])
    await page.reload()
    await expect.poll(() => thrown).toEqual(['RangeError: a title is empty', 'RangeError: a title is empty'])
    await page.click('#mend')
    await expect.poll(shows).toMatchObject({ titles: 'Wash', loading: 'false' })
  })

  it('reports nothing where the page reads the error', async () => {
    const { page, thrown, shows } = await open('/?reads')
    await page.click('#spoil')
    await expect.poll(shows).toEqual({ titles: '', loading: 'false', error: 'a title is empty' })
    await page.click('#mend')
    await expect.poll(shows).toEqual({ titles: 'Wash', loading: 'false', error: '' })
    expect(thrown).toEqual([])
  })
})
