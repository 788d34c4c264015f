import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import type { BenchServer } from '../bench-server.ts'
import type { PageWatcher } from '../browser.ts'
import { countIdb, type IdbCounts } from './count-idb.ts'
import { type CpuProfile, topSelfTimes } from './summary.ts'

const TOP = 12

/** Keeps a CPU profile of every page and of the server, and counts what the pages do with IndexedDB. Profiled figures are slower than others. */
export class ProfileKeeper {
  readonly #folder: string
  /** What is measured now. It names the files. */
  #title = ''
  #pages = 0
  #serverUsers = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  async begin(title: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    this.#title = title
    this.#pages = 0
  }

  /** Profiles one page, from before its first script runs. */
  pageWatcher(): PageWatcher {
    const name = `${this.#title}-page${++this.#pages}`
    let session: CDPSession
    return {
      before: async (page: Page) => {
        await page.addInitScript(countIdb)
        session = await page.context().newCDPSession(page)
        await session.send('Profiler.enable')
        await session.send('Profiler.start')
      },
      after: async (page: Page) => {
        const { profile } = await session.send('Profiler.stop')
        const counts = await page.evaluate(() => (window as unknown as { idbCounts: IdbCounts }).idbCounts)
        await this.#keep(name, profile as CpuProfile, counts)
      },
    }
  }

  /** Begins to profile the server, unless it is being profiled already. */
  async beginServer(server: BenchServer): Promise<void> {
    if (this.#serverUsers++ === 0) await server.tell({ do: 'profile' })
  }

  async endServer(server: BenchServer): Promise<void> {
    if (--this.#serverUsers > 0) return
    const name = `${this.#title}-server${this.#pages || ''}`
    const file = join(this.#folder, `${name}.cpuprofile`)
    await server.tell({ do: 'end-profile', file })
    this.#print(name, JSON.parse(await readFile(file, 'utf8')) as CpuProfile)
  }

  /** Has the child process that `start` forks write a profile when it ends by itself. */
  async aroundChild(start: () => Promise<void>): Promise<void> {
    const before = process.env.NODE_OPTIONS
    process.env.NODE_OPTIONS = `${before ?? ''} --cpu-prof --cpu-prof-dir=${this.#folder} --cpu-prof-name=${this.#title}-server.cpuprofile`.trim()
    try { await start() }
    finally {
      if (before === undefined) delete process.env.NODE_OPTIONS
      else process.env.NODE_OPTIONS = before
    }
  }

  /** Prints the profile that such a child has written. */
  async printChild(): Promise<void> {
    const name = `${this.#title}-server`
    this.#print(name, JSON.parse(await readFile(join(this.#folder, `${name}.cpuprofile`), 'utf8')) as CpuProfile)
  }

  async #keep(name: string, profile: CpuProfile, counts: IdbCounts): Promise<void> {
    await writeFile(join(this.#folder, `${name}.cpuprofile`), JSON.stringify(profile))
    await writeFile(join(this.#folder, `${name}.idb.json`), `${JSON.stringify(counts, null, 2)}\n`)
    this.#print(name, profile, counts)
  }

  #print(name: string, profile: CpuProfile, counts?: IdbCounts): void {
    const { readwrite, readonly, reads, cursors, puts, deletes } = counts ?? {}
    const idb = counts ? `  IndexedDB: ${readwrite} readwrite and ${readonly} readonly transactions, ${reads} reads, ${cursors} cursors, ${puts} puts, ${deletes} deletes\n` : ''
    const lines = topSelfTimes(profile, TOP).map(({ where, ms }) => `  ${ms.toFixed(1).padStart(9)} ms  ${where}\n`)
    process.stdout.write(`${name}\n${idb}${lines.join('')}`)
  }
}
