import { chromium, type Browser, type BrowserContext, type LaunchOptions } from 'playwright-core'
import { findChromium } from './find-chromium.ts'

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Containers often have a /dev/shm of 64 MB, on which a renderer dies.
  '--disable-dev-shm-usage',
]

/** Starts headless Chromium. Its contexts keep their databases in memory. Close it when done. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch(await launchOptions())
}

/** Starts headless Chromium on a profile folder: its databases are on disk, as a user's are. `args`: further arguments. Close it when done. */
export async function launchProfile(folder: string, args: readonly string[] = []): Promise<BrowserContext> {
  return await chromium.launchPersistentContext(folder, await launchOptions(args))
}

async function launchOptions(args: readonly string[] = []): Promise<LaunchOptions> {
  const found = await findChromium()
  return { executablePath: found.path, headless: true, args: [...ARGS, ...args], env: { ...process.env, ...found.env } }
}
