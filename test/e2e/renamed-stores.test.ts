import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { launchChromium } from '../support/launch-chromium'
import type { RenameStores } from '../support/renamed-stores-page'

const root = fileURLToPath(new URL('../..', import.meta.url))

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${root}test/support/renamed-stores-page.ts`],
    alias: { 'or3-sync/schema': `${root}src/runtime/schema.ts` },
    bundle: true, format: 'iife', write: false, logLevel: 'silent',
  })
  return outputFiles[0]!.text
}

it('F4: in a real browser object stores take their rows along when tables are renamed, exchanged and dropped', async () => {
  const script = await bundlePage()
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>renamed</title>'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await page.addScriptTag({ content: script })
    const seen = await page.evaluate(async () => await (globalThis as unknown as { renameStores: RenameStores }).renameStores())
    expect(seen).toEqual([
      { a: ['of a'], b: ['of b'], indexes: ['text'], version: 1010 },
      { a: ['of b'], b: ['of a'], indexes: ['text'], version: 2010 },
      { a: [], b: ['of b'], indexes: ['text'], version: 3010 },
      { a: ['of a'], b: ['of b'], indexes: ['text'], version: 4010 },
    ])
  }
  finally {
    await browser.close()
    server.close()
  }
})
