import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { BrowserContext, Page } from 'playwright-core'
import { freePort } from '../test/support/free-port.ts'
import { launchChromium } from '../test/support/launch-chromium.ts'
import { readCount } from './read-count.ts'
import { median } from './statistics.ts'

/**
 * `npm run bench:first-paint -- [--output .output] [--runs 5]` measures, in Chromium on a slow connection and a slow CPU, how long it takes from
 * the navigation to the largest paint (LCP) and to a thread's newest message, and how many bytes come until sync is level. Without a service worker, whose
 * requests Chromium does not slow down. `--output` is the folder of a built playground, also of an older one, in which a thread has no URL:
 * there the list of threads is opened, and the thread clicked. Prints medians.
 */
const { values: options } = parseArgs({ options: { output: { type: 'string', default: '.output' }, runs: { type: 'string', default: '5' } } })

/** Bytes a second, and milliseconds. */
const NETWORK = { offline: false, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8, latency: 150 }
const CPU_SLOWDOWN = 4
const MESSAGES = 50
const NEWEST = `[data-testid=message][data-id=m${MESSAGES - 1}]`
const TIMEOUT_MS = 120_000

interface Figures {
  /** Milliseconds from the navigation to the largest paint. */
  lcp: number
  /** Milliseconds from the navigation to the newest message. */
  newest: number
  /** Of all responses, as they came over the network: headers, and compressed bodies. */
  bytes: number
}

async function main(): Promise<void> {
  const runs = readCount('runs', options.runs)
  const server = await startServer(resolve(options.output))
  const browser = await launchChromium()
  try {
    const cookie = await signIn(server.origin)
    const newDevice = async () => {
      const context = await browser.newContext({ serviceWorkers: 'block' })
      await context.addCookies([{ ...cookie, url: server.origin }])
      return context
    }
    const hasUrls = await fill(await newDevice(), server.origin)
    const figures: Record<'new' | 'known', Figures[]> = { new: [], known: [] }
    for (let run = 0; run < runs; run++) {
      const context = await newDevice()
      for (const device of ['new', 'known'] as const) figures[device].push(await measure(context, server.origin, hasUrls))
      await context.close()
    }
    process.stdout.write(`${MESSAGES} messages, ${hasUrls ? 'the thread in the URL' : 'the thread clicked'}; medians of ${runs} runs\n`)
    for (const device of ['new', 'known'] as const) process.stdout.write(`${device} device: ${describe(figures[device])}\n`)
  }
  finally {
    await browser.close()
    await server.stop()
  }
}

function describe(runs: readonly Figures[]): string {
  const of = (name: keyof Figures) => median(runs.map(figures => figures[name]))
  return `LCP ${of('lcp').toFixed(0)} ms, newest message ${of('newest').toFixed(0)} ms, ${(of('bytes') / 1_000).toFixed(1)} kB`
}

async function startServer(output: string) {
  const folder = await mkdtemp(join(tmpdir(), 'or3-first-paint-'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [join(output, 'server/index.mjs')], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', NITRO_HOST: '127.0.0.1', NITRO_PORT: String(port), OR3_PLAYGROUND_DEMO: 'true', OR3_SYNC_SQLITE_PATH: join(folder, 'sync.sqlite'), PLAYGROUND_DB_PATH: join(folder, 'playground.sqlite') },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  while (!await fetch(`${origin}/api/sync/health`).then(() => true, () => false)) {
    if (child.exitCode !== null) throw new Error(`the server of ${output} ended with ${child.exitCode}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return {
    origin,
    async stop() {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function signIn(origin: string): Promise<{ name: string, value: string }> {
  const response = await fetch(`${origin}/api/auth/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}' })
  const [name, value] = response.headers.getSetCookie()[0]!.split(';', 1)[0]!.split(/=(.*)/s) as [string, string]
  return { name, value }
}

/** Writes a thread and its messages, on a fast connection. Resolves to whether this playground has threads in the URL. */
async function fill(context: BrowserContext, origin: string): Promise<boolean> {
  const page = await context.newPage()
  await page.goto(origin)
  await page.waitForFunction(() => '__or3' in window)
  await page.evaluate(async (count) => {
    const { getDb, engine } = (window as unknown as { __or3: { getDb(): { table(name: string): { bulkPut(rows: object[]): Promise<unknown> } }, engine: { whenIdle(): Promise<void> } } }).__or3
    const at = Date.now() - 3_600_000
    await getDb().table('threads').bulkPut(Array.from({ length: 10 }, (_, index) => ({ id: `t${index}`, title: `Thread ${index}`, updated_at: at - index })))
    await getDb().table('messages').bulkPut(Array.from({ length: count }, (_, index) => ({ id: `m${index}`, thread_id: 't0', author: index % 2 ? 'Ann' : 'Bob', text: `Message ${index}, which has about as many words as people write to each other.`, created_at: at + index })))
    await engine.whenIdle()
  }, MESSAGES)
  await page.locator('[data-testid=thread-item][data-id=t0]').click()
  await page.locator(NEWEST).waitFor()
  const { search } = new URL(page.url())
  await context.close()
  return search !== ''
}

async function measure(context: BrowserContext, origin: string, hasUrls: boolean): Promise<Figures> {
  const page = await context.newPage()
  page.setDefaultTimeout(TIMEOUT_MS)
  const received = await slowDown(page)
  const startedAt = performance.now()
  if (hasUrls) await page.goto(`${origin}/?thread=t0`, { waitUntil: 'commit' })
  else {
    await page.goto(origin, { waitUntil: 'commit' })
    await page.locator('[data-testid=thread-item][data-id=t0]').click()
  }
  await page.locator(NEWEST).waitFor()
  const newest = performance.now() - startedAt
  // The device gets to know all rows before it is closed.
  await page.waitForFunction(() => (window as unknown as { __or3?: { status: { state: string } } }).__or3?.status.state === 'idle')
  const figures = { newest, lcp: await largestPaint(page), bytes: received() }
  await page.close()
  return figures
}

/** What the browser calls the largest contentful paint: of an image or a text, before the user has done anything. */
async function largestPaint(page: Page): Promise<number> {
  return await page.evaluate(() => new Promise<number>((resolve) => {
    new PerformanceObserver(list => resolve(list.getEntries().at(-1)!.startTime)).observe({ type: 'largest-contentful-paint', buffered: true })
  }))
}

/** @returns a function that tells how many bytes have come so far. */
async function slowDown(page: Page): Promise<() => number> {
  const session = await page.context().newCDPSession(page)
  let bytes = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength })
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', NETWORK)
  await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN })
  return () => bytes
}

await main()
