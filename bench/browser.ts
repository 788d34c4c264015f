import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchProfile } from '../test/support/launch-chromium.ts'

/** How Chromium stores IndexedDB. */
export type IdbStore = 'leveldb' | 'sqlite'
export const IDB_STORES: readonly IdbStore[] = ['leveldb', 'sqlite']

/** The subject's methods as they are called from outside the page. */
export type Remote<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never
}

/** Watches a page, for a profile. Called when the page is new, and again before it is closed. */
export interface PageWatcher {
  before(page: Page): Promise<void>
  after(page: Page): Promise<void>
}

export interface OpenPage {
  url: string
  idb: IdbStore
  watcher?: PageWatcher
  /** The profile's folder, which stays. Absent: a new one, which is removed. */
  profile?: string
}

/** Opens a page in a browser of its own, runs `work` with what the page has as `window.subject`, and closes the browser. */
export async function withPage<S extends object, T>({ url, idb, watcher, profile }: OpenPage, work: (subject: Remote<S>, page: Page) => Promise<T>): Promise<T> {
  const folder = profile ?? await newProfile()
  const context = await launchProfile(folder, idb === 'sqlite' ? ['--enable-features=IdbSqliteBackingStore'] : [])
  try {
    const page = context.pages()[0] ?? await context.newPage()
    await watcher?.before(page)
    await page.goto(url)
    await page.waitForFunction(() => 'subject' in window)
    const result = await work(remoteOf<S>(page), page)
    await watcher?.after(page)
    await checkStore(folder, idb)
    return result
  }
  finally {
    await context.close()
    if (!profile) await removeProfile(folder)
  }
}

/** Makes an empty folder for a browser's profile. */
export async function newProfile(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'or3-bench-profile-'))
}

export async function removeProfile(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** @throws Error when Chromium has stored its databases in another way than it was told */
async function checkStore(folder: string, idb: IdbStore): Promise<void> {
  const names = await readdir(join(folder, 'Default/IndexedDB')).catch(() => [])
  const isLevel = names.some(name => name.endsWith('.leveldb'))
  if (names.length > 0 && isLevel !== (idb === 'leveldb')) throw new Error(`Chromium did not store its databases with ${idb}: ${names.join(', ')}`)
}

function remoteOf<S extends object>(page: Page): Remote<S> {
  return new Proxy({} as Remote<S>, {
    get: (_, method) => (...args: unknown[]) =>
      page.evaluate(`window.subject[${JSON.stringify(method)}](...${JSON.stringify(args)})`),
  })
}
