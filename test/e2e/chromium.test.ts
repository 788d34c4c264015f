import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { launchChromium } from '../support/launch-chromium'

afterEach(() => void vi.unstubAllEnvs())

it.runIf(process.platform === 'linux' && process.arch === 'x64')('the Chromium of the npm package starts, lays out text and has what the engine needs', async () => {
  vi.stubEnv('OR3_CHROMIUM_PATH', 'npm')
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<h1>Hello</h1>'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect(await page.getByText('Hello').isVisible()).toBe(true)
    expect(await page.evaluate(() => [typeof indexedDB, typeof navigator.locks])).toEqual(['object', 'object'])
  }
  finally {
    await browser.close()
    server.close()
  }
})
